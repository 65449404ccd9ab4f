import { parseArgs } from "node:util";
import { DEFAULT_API } from "./apis.ts";
import { DEFAULT_APPLICATION, DEFAULT_APPLICATIONS, DEFAULT_SPA } from "./applications.ts";
import type { DevAuth0Options } from "./server.ts";

/** Where `.env` files expect it. */
const DEFAULT_PORT = 4400;

export const USAGE = `A local stand-in for an Auth0 tenant. For development only: anybody can log in as anybody.

Usage: dev-auth0 [options]

  --port <number>         port to listen on (default ${DEFAULT_PORT}, or the next that is free)
  --host <host>           what the issuer is called: localhost (default) or 127.0.0.1
  --audience <identifier> the API that tokens are for (default ${DEFAULT_API.identifier})
  --scope <scope>         a scope of that API; may be repeated (default ${DEFAULT_API.scopes.join(", ")},
                          and those that the server asks for at a login)
  --client-id <id>        client id of the application (default ${DEFAULT_APPLICATION.clientId})
  --client-secret <secret>
  --callback <url>        an allowed callback URL; may be repeated (default: any http URL on this machine)
  --spa                   make the application a Single Page Application, which sends no secret
  --no-rotation           keep a refresh token when it is used
  --leeway <seconds>      how long a rotated refresh token still works (default 60)
  --state <file>          keep logins and keys in this file, so that they outlive a restart
  --help
  --version
`;

/** What the command line asks for. */
export type Command =
  | { readonly run: "help" | "version" }
  | { readonly run: "serve"; readonly options: DevAuth0Options };

/** @throws Error with a sentence about what can't be understood. */
export function readCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: "string" },
      host: { type: "string", default: "localhost" },
      audience: { type: "string", default: DEFAULT_API.identifier },
      scope: { type: "string", multiple: true },
      "client-id": { type: "string" },
      "client-secret": { type: "string" },
      callback: { type: "string", multiple: true },
      spa: { type: "boolean", default: false },
      "no-rotation": { type: "boolean", default: false },
      leeway: { type: "string", default: "60" },
      state: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
      version: { type: "boolean", short: "v", default: false },
    },
  });
  if (values.help) {
    return { run: "help" };
  }
  if (values.version) {
    return { run: "version" };
  }

  const { host } = values;
  if (host !== "127.0.0.1" && host !== "localhost") {
    throw new Error(`--host must be localhost or 127.0.0.1, not "${host}": dev-auth0 is for this machine only.`);
  }
  const template = values.spa ? DEFAULT_SPA : DEFAULT_APPLICATION;
  const application = {
    ...template,
    ...(values["client-id"] !== undefined && { clientId: notEmpty("--client-id", values["client-id"]) }),
    ...(values["client-secret"] !== undefined && {
      clientSecret: notEmpty("--client-secret", values["client-secret"]),
    }),
    ...(values.callback !== undefined && { callbacks: values.callback.map(absoluteUrl) }),
  };
  const others = DEFAULT_APPLICATIONS.filter((other) => other !== template && other.clientId !== application.clientId);
  const api = {
    identifier: notEmpty("--audience", values.audience),
    scopes: values.scope ?? (values.audience === DEFAULT_API.identifier ? DEFAULT_API.scopes : []),
    ...(values.scope === undefined && { learnScopes: true }),
  };
  return {
    run: "serve",
    options: {
      port: integer("--port", values.port ?? String(DEFAULT_PORT), 65_535),
      ...(values.port === undefined && { nextFreePort: true }),
      ...(values.state !== undefined && { stateFile: notEmpty("--state", values.state) }),
      host,
      applications: [application, ...others],
      apis: [api],
      refresh: { rotation: !values["no-rotation"], leeway: integer("--leeway", values.leeway, 86_400) },
    },
  };
}

function integer(option: string, value: string, max: number): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= max) {
    return Number(value);
  }
  throw new Error(`${option} must be a whole number from 0 to ${max}, not "${value}".`);
}

function notEmpty(option: string, value: string): string {
  if (value === "") {
    throw new Error(`${option} must not be empty.`);
  }
  return value;
}

function absoluteUrl(value: string): string {
  if (URL.canParse(value)) {
    return value;
  }
  throw new Error(`--callback must be an absolute URL such as http://localhost:8000/auth/callback, not "${value}".`);
}
