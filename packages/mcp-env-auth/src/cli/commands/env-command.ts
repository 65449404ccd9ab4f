import { defineCommand, UsageError } from "../command.ts";

export const envCommand = defineCommand({
  name: "env",
  summary: "list the variables, their values and where each came from",
  details: [
    "Lists every variable of the provider that FASTMCP_SERVER_AUTH names and of the server itself. Secrets are never printed.",
    "A provider is named as in FASTMCP_SERVER_AUTH: by its class path or its short name, in any case.",
  ],
  options: {
    provider: { type: "string", placeholder: "<name>", description: "another provider's variables" },
    example: { type: "boolean", description: "print a .env to fill in instead" },
    json: { type: "boolean", description: "print JSON, for programs" },
  },
  exitCodes: { 0: "done", 1: "the env file can't be read, or FASTMCP_SERVER_AUTH names no provider" },
  async run({ provider, example = false, json = false }, _argument, context) {
    if (example && json) {
      throw new UsageError("Choose one of --example and --json.");
    }
    const { listVariables } = await import("../env/list-variables.ts");
    return listVariables({ provider, example, json }, context);
  },
});
