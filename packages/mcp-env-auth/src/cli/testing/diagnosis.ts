import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { diagnose } from "../doctor/diagnose.ts";
import type { Finding } from "../doctor/finding.ts";

export const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";

/** Nothing listens there. */
export const BASE_URL = "http://127.0.0.1:2";

/** The variables of a server at `baseUrl`, with a key that needs no stretching. */
export function quickEnv(auth0: DevAuth0, baseUrl: string = BASE_URL): Record<string, string> {
  const { port } = new URL(baseUrl);
  return {
    ...auth0.env(baseUrl),
    [`${AUTH0}JWT_SIGNING_KEY`]: randomBytes(32).toString("base64url"),
    ...(port !== "" && { FASTMCP_PORT: port }),
  };
}

/** A tenant that ends with the test. */
export async function startTenant(options?: DevAuth0Options): Promise<DevAuth0> {
  const auth0 = await startDevAuth0(options);
  onTestFinished(() => auth0.close());
  return auth0;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** All findings of a check. */
  of(check: string): readonly Finding[];
}

/** Runs every check with `env` as the process's environment. */
export async function diagnoseEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  {
    offline = false,
    production = false,
    clock = systemClock,
    cwd = tmpdir(),
  }: { offline?: boolean; production?: boolean; clock?: Clock; cwd?: string } = {},
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  for await (const finding of diagnose({ offline, production }, { env: { ...env }, cwd, clock })) {
    findings.push(finding);
  }
  return { findings, of: (check) => findings.filter((finding) => finding.check === check) };
}
