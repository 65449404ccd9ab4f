import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import * as z from "zod";

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });

const settings = z.object({
  GEOCODING_API_URL: httpUrl.optional(),
  WEATHER_API_URL: httpUrl.optional(),
  FASTMCP_STORAGE_URL: z.string().optional(),
});

/**
 * The variables that the weather server reads itself, of the process or else of
 * the env file; all others are `mcp-env-auth`'s.
 *
 * @throws Error that names each variable that can't be right.
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.output<typeof settings> {
  const file = env.FASTMCP_ENV_FILE ?? ".env";
  const fromFile = file !== "" && existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  const parsed = settings.safeParse({ ...fromFile, ...env });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join()} ${message}`);
  throw new Error(problems.join("\n"));
}
