import { defineCommand, UsageError } from "../command.ts";

export const revokeCommand = defineCommand({
  name: "revoke",
  summary: "end the sessions of a user or a client at once, through Redis",
  details: [
    "Denies everything that was issued to a user or through a client so far, in all replicas within two seconds. A new login works at once, unless --block denies it too: then until the last token has ended (FASTMCP_SESSION_TTL). --undo lifts either, and with it sessions that have not ended by then.",
    "It needs the Redis that the server uses (FASTMCP_STORAGE_URL). Without one, change FASTMCP_TOKEN_EPOCH and start the server again, which ends everybody's sessions.",
  ],
  options: {
    subject: { type: "string", placeholder: "<sub>", description: "the user: the sub claim, such as auth0|5f7c…" },
    client: {
      type: "string",
      placeholder: "<id>",
      description: "the MCP client: its client_id, or the 22 characters by which the log names it",
    },
    block: { type: "boolean", description: "deny new logins too" },
    undo: { type: "boolean", description: "lift the denial" },
  },
  exitCodes: { 0: "done, even if nothing matched", 1: "there is no Redis, or it does not answer" },
  async run({ subject, client, block = false, undo = false }, _argument, context) {
    if ((subject === undefined) === (client === undefined)) {
      throw new UsageError("Give one of --subject and --client.");
    }
    if (block && undo) {
      throw new UsageError("Give --block or --undo, not both.");
    }
    const mode = undo ? "undo" : block ? "block" : "end";
    const { revoke } = await import("../revoke/revoke-sessions.ts");
    return revoke(subject === undefined ? { client: client ?? "", mode } : { subject, mode }, context);
  },
});
