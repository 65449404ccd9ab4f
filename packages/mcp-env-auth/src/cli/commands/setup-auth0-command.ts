import { defineCommand, UsageError } from "../command.ts";

export const setupAuth0Command = defineCommand({
  name: "setup auth0",
  summary: "say what to create in an Auth0 tenant for this .env",
  details: [
    "Prints what the .env needs at Auth0: the API with its permissions, the application with its callback URL and grants, refresh token rotation with a leeway of 60 seconds, and offline access. Nothing is created: run or apply what is printed once you have read it.",
    "Needed from the .env are BASE_URL and, if you have chosen it already, AUDIENCE. The scopes of tools stand in the code, so name them by --scope.",
  ],
  options: {
    cli: { type: "boolean", description: "commands of the Auth0 CLI (https://github.com/auth0/auth0-cli)" },
    terraform: { type: "boolean", description: "Terraform, for the provider auth0/auth0" },
    scope: { type: "string", multiple: true, placeholder: "<scope>", description: "a further permission of the API" },
    name: {
      type: "string",
      placeholder: "<name>",
      description: 'what the API and the application are called ("MCP server")',
    },
  },
  exitCodes: { 0: "done", 1: "BASE_URL is missing, or a value can't be used" },
  async run({ cli = false, terraform = false, scope = [], name = "MCP server" }, _argument, context) {
    if (cli && terraform) {
      throw new UsageError("Choose one of --cli and --terraform.");
    }
    const { setupAuth0 } = await import("../setup-auth0/setup-auth0.ts");
    return setupAuth0({ format: cli ? "cli" : terraform ? "terraform" : "checklist", scopes: scope, name }, context);
  },
});
