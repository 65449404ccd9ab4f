import { defineCommand, UsageError } from "../command.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "check the configuration, the identity provider and the way to the server",
  details: [
    "Reads what the server reads and checks, in order: the env file and where each value came from, the rules of the provider's variables and misspelt names, the provider's discovery document and keys, the application's credentials, the callback URL and the audience, offline access, whether the server is reachable under BASE_URL as clients need it, the clocks, and Redis. Each line that is not ok says what to change.",
    "With --as it does what an MCP client does between its first request and the login page, in that client's order and with its requests, against any address. It registers as the client does; nobody is logged in.",
    "It asks the provider for a token with a code that can't be good, and for a login without a page. Nobody is logged in, nothing is changed, and no secret is printed.",
  ],
  options: {
    as: {
      type: "string",
      placeholder: "<client>",
      description:
        "replay the discovery and registration of a recorded client, such as claude, and say where it would stop",
    },
    url: {
      type: "string",
      placeholder: "<url>",
      description: "with --as: the MCP endpoint; default: of the server that the environment describes",
    },
    offline: { type: "boolean", description: "check what can be checked without the network" },
    production: {
      type: "boolean",
      description: "also check the lines of docs/deploy/checklist.md that the configuration shows",
    },
    token: {
      type: "boolean",
      description: "read an access token from standard input and explain why it would be accepted or refused",
    },
    only: {
      type: "string",
      placeholder: "<checks>",
      description: "run these checks only, by name and with commas between them, such as credentials,callback",
    },
    json: { type: "boolean", description: "print JSON, for programs" },
  },
  exitCodes: {
    0: "nothing is wrong; there may be warnings",
    1: "something is wrong, the token would be refused, or the client would stop",
  },
  async run(
    { as: client, url, offline = false, token = false, production = false, only, json = false },
    _argument,
    context,
  ) {
    if (client !== undefined) {
      if (production) {
        throw new UsageError("--production checks the server's configuration, so it can't be used with --as.");
      }
      if (offline || token) {
        throw new UsageError(
          `--as asks the server over the network, so it can't be used with --${offline ? "offline" : "token"}.`,
        );
      }
      const { doctorAs } = await import("../doctor/doctor-as.ts");
      return doctorAs({ client, url, json }, context);
    }
    if (url !== undefined) {
      throw new UsageError("--url needs --as and the name of a client.");
    }
    if (offline && token) {
      throw new UsageError("--token needs the identity provider's keys, so it can't be used with --offline.");
    }
    if (only !== undefined && (client !== undefined || token)) {
      throw new UsageError(
        "--only chooses checks of the server's configuration, so it can't be used with --as or --token.",
      );
    }
    if (production && token) {
      throw new UsageError("--production checks the server's configuration, so it can't be used with --token.");
    }
    if (token) {
      const { explainToken } = await import("../doctor/explain-token.ts");
      return explainToken({ json }, context);
    }
    const { doctor } = await import("../doctor/doctor.ts");
    return doctor(
      { offline, production, json, only: only === undefined ? undefined : await checkNames(only) },
      context,
    );
  },
});

/** @throws UsageError for a name that no check has. */
async function checkNames(text: string): Promise<readonly string[]> {
  const { checks } = await import("../doctor/checks.ts");
  const names = text.split(",").map((name) => name.trim());
  const known = checks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown check ${JSON.stringify(unknown)}. Available checks: ${known.join(", ")}.`);
  }
  return names;
}
