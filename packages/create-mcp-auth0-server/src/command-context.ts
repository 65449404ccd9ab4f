import type { Readable, Writable } from "node:stream";
import type { ProjectSource } from "./template.ts";

/** The world around the command, so that a test can give it another one. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Of this package. */
  readonly version: string;
  readonly source: ProjectSource;
}

/** Whether a person can be asked: both ends are a terminal, and it is not a CI run. */
export function canAsk({ env, stdin, stdout }: CommandContext): boolean {
  const inCi = env.CI !== undefined && !["", "0", "false"].includes(env.CI.toLowerCase());
  return stdin.isTTY === true && stdout.isTTY === true && !inCi;
}
