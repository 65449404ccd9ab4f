import { readFileSync } from "node:fs";
import { type Command, readCommandLine, USAGE } from "./cli-options.ts";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./server.ts";

/** Where the command writes: whole texts, each with its line end. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

/** What became of the command: it has ended with an exit code, or it serves. */
export type Outcome = { readonly exitCode: number } | { readonly auth0: DevAuth0 };

/** Where `.env` says the protected server is. */
const BASE_URL = "http://localhost:8000";

/** The `dev-auth0` command. Exit code 2: it was called wrongly; 1: it can't start. */
export async function run(args: readonly string[], output: Output): Promise<Outcome> {
  let command: Command;
  try {
    command = readCommandLine(args);
  } catch (error) {
    output.error(`${messageOf(error)}\nRun dev-auth0 --help for the options.\n`);
    return { exitCode: 2 };
  }
  if (command.run === "serve") {
    return serve(command.options, output);
  }
  output.out(command.run === "help" ? USAGE : `${packageVersion()}\n`);
  return { exitCode: 0 };
}

async function serve(options: DevAuth0Options, output: Output): Promise<Outcome> {
  try {
    const auth0 = await startDevAuth0({
      ...options,
      onRequest: ({ method, path, status }) => output.out(`${method} ${path} ${status}\n`),
    });
    output.out(greeting(auth0, options));
    return { auth0 };
  } catch (error) {
    output.error(`${explain(error, options)}\n`);
    return { exitCode: 1 };
  }
}

function greeting(auth0: DevAuth0, options: DevAuth0Options): string {
  const env = Object.entries(auth0.env(BASE_URL)).map(([name, value]) => `${name}=${value}`);
  const users = auth0.users.map(
    ({ username, permissions, organizations }) =>
      `  ${username.padEnd(8)}${[permissions.join(", ") || "no permissions", ...organizations].join("; ")}`,
  );
  const moved = options.nextFreePort && auth0.port !== options.port;
  return `${moved ? `Port ${options.port} is taken, so it is ${auth0.port}: CONFIG_URL in .env must name it.\n\n` : ""}dev-auth0 stands in for an Auth0 tenant at ${auth0.issuer}
For development only: anybody can log in as anybody.

For the .env of a server at ${BASE_URL}:

${env.join("\n")}

Users:
${users.join("\n")}

Ctrl+C stops it. ${options.stateFile === undefined ? "What was issued is forgotten then." : `Logins are kept in ${options.stateFile}.`}

`;
}

function explain(error: unknown, { port, host }: DevAuth0Options): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return `Port ${port} of ${host} is taken. Stop what listens there, or choose another port with --port.`;
  }
  if (code === "EACCES") {
    return `Port ${port} may not be listened on. Choose one above 1023: dev-auth0 --port 4400`;
  }
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** This package's version. */
function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
