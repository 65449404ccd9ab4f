import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPerson } from "./person.ts";

const CLIENT = fileURLToPath(new URL("../../../templates/weather/dist/client/main.js", import.meta.url));

/**
 * The template's client as a command that takes the URL of a server, of someone who logs in wherever it asks for it.
 */
export interface WeatherClient {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** Every start of the command is a first one: it finds nothing that an earlier one has stored. */
export async function createWeatherClient(): Promise<WeatherClient> {
  const { home, bin, dispose } = await createPerson("alice");
  const command = join(bin, "weather-client");
  const script = `#!/bin/sh
XDG_STATE_HOME=$(mktemp -d '${home}/client-XXXXXX')
export XDG_STATE_HOME
case "$MCP_CONFORMANCE_SCENARIO" in
  auth/basic-cimd)
    set -- "$1" --client-metadata-url https://conformance-test.local/client-metadata.json ;;
  auth/pre-registration)
    export MCP_CLIENT_SECRET=pre-registered-secret
    set -- "$1" --client-id pre-registered-client ;;
esac
exec '${process.execPath}' '${CLIENT}' --url "$@"
`;
  await writeFile(command, script);
  await chmod(command, 0o755);
  return { command, env: { PATH: `${bin}:${process.env.PATH}`, HOME: home }, dispose };
}
