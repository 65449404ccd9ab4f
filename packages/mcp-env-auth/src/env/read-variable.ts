import { ConfigError } from "../errors.ts";
import { readEnvFile } from "./env-file.ts";
import { createEnvironment } from "./environment.ts";

/**
 * Reads a variable of the application's own where the server reads its settings:
 * from the process, else from the env file. Names are the same in any case, and
 * an empty value is a value.
 *
 * @returns `undefined` where it is not set.
 * @throws ConfigError when the env file can't be read.
 *
 * @example
 * const apiKey = readVariable("WEATHER_API_KEY");
 */
export function readVariable(
  name: string,
  processEnv: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): string | undefined {
  const { path, values, problems } = readEnvFile(processEnv, cwd);
  if (problems.length > 0) throw new ConfigError(problems);
  const file = path === undefined ? undefined : { path, values };
  return createEnvironment({ processEnv, cwd, file }).get(name)?.value;
}
