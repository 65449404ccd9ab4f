// A file of its own: tests of several folders share it.
import { createEnvironment, type Environment } from "../environment.ts";

/** An environment of a process's variables, and of a file's where given. */
export function environmentOf(
  processEnv: Readonly<Record<string, string>>,
  file?: Readonly<Record<string, string>>,
  cwd = "/nowhere",
): Environment {
  return createEnvironment({
    processEnv,
    cwd,
    file: file && { path: "/app/.env", values: new Map(Object.entries(file)) },
  });
}
