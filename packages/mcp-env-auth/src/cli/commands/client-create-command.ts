import { defineCommand, UsageError } from "../command.ts";

export const clientCreateCommand = defineCommand({
  name: "client create",
  summary: "make a client id and secret for a host that wants them pasted",
  details: [
    "Some hosts don't register by themselves, or ask for a client id and secret: Copilot Studio, Gemini Enterprise, Claude's dialog. This prints a pair for them, with the URLs that such dialogs ask for. Nothing is stored: the client id is the registration, sealed with the signing key of this .env, and the secret follows from it.",
    "Give every redirect URI that the host shows. Keep the secret: whoever has it can pass for this client. Both are good as long as the signing key.",
  ],
  options: {
    redirect: {
      type: "string",
      multiple: true,
      placeholder: "<uri>",
      description: "a redirect URI of the host; may be repeated",
    },
    name: { type: "string", placeholder: "<name>", description: "what users read on the consent page" },
    json: { type: "boolean", description: "print JSON" },
  },
  exitCodes: { 0: "done", 1: "the server has no clients of its own, or a redirect URI is not allowed" },
  async run({ redirect = [], name, json = false }, _argument, context) {
    if (redirect.length === 0) {
      throw new UsageError("Give the host's redirect URI: --redirect https://…");
    }
    const { createClient } = await import("../client/create-client.ts");
    return createClient({ redirectUris: redirect, name, json }, context);
  },
});
