import { defineCommand } from "../command.ts";

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
  },
  exitCodes: { 0: "done", 1: "the env file can't be read, or FASTMCP_SERVER_AUTH names no provider" },
  async run({ provider, example = false }, _argument, context) {
    const { listVariables } = await import("../env/list-variables.ts");
    return listVariables({ provider, example }, context);
  },
});
