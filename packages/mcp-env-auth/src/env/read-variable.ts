import { readEnvFile } from "./env-file.ts";
import { createEnvironment } from "./environment.ts";

/**
 * Reads a variable of the application's own where the server reads its settings: from the process, else from the env
 * file. Names are the same in any case, and an empty value is a value. An env file that can't be read counts as empty
 * here: the server's own start reports it.
 *
 * @returns `undefined` where it is not set.
 *
 * @example
 * const apiKey = readVariable("WEATHER_API_KEY");
 */
export function readVariable(
  name: string,
  processEnv: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): string | undefined {
  const file = readEnvFile(processEnv, cwd);
  return createEnvironment({ processEnv, cwd, file }).get(name)?.value;
}
