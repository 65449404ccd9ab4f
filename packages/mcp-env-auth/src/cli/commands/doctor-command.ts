import { defineCommand, UsageError } from "../command.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "check the configuration, the identity provider and the way to the server",
  details: [
    "Reads what the server reads and checks, in order: the env file and where each value came from, the rules of the provider's variables and misspelt names, the provider's discovery document and keys, the application's credentials, the callback URL and the audience, offline access, whether the server is reachable under BASE_URL as clients need it, the clocks, and Redis. Each line that is not ok says what to change.",
    "It asks the provider for a token with a code that can't be good, and for a login without a page. Nobody is logged in, nothing is changed, and no secret is printed.",
  ],
  options: {
    offline: { type: "boolean", description: "check what can be checked without the network" },
    token: {
      type: "boolean",
      description: "read an access token from standard input and explain why it would be accepted or refused",
    },
    json: { type: "boolean", description: "print JSON, for programs" },
  },
  exitCodes: { 0: "nothing is wrong; there may be warnings", 1: "something is wrong, or the token would be refused" },
  async run({ offline = false, token = false, json = false }, _argument, context) {
    if (offline && token) {
      throw new UsageError("--token needs the identity provider's keys, so it can't be used with --offline.");
    }
    if (token) {
      const { explainToken } = await import("../doctor/explain-token.ts");
      return explainToken({ json }, context);
    }
    const { doctor } = await import("../doctor/doctor.ts");
    return doctor({ offline, json }, context);
  },
});
