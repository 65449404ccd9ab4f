import { defineCommand, UsageError } from "../command.ts";

export const revokeCommand = defineCommand({
  name: "revoke",
  summary: "end the sessions of a user or a client at once, through Redis",
  details: [
    "Denies everything that was issued to a user or through a client, in all replicas within two seconds. The denial lasts until the last of those tokens has ended (FASTMCP_SESSION_TTL), and what is issued meanwhile is denied too; --undo lifts it, and with it sessions that have not ended by then.",
    "It needs the Redis that the server uses (FASTMCP_STORAGE_URL). Without one, change FASTMCP_TOKEN_EPOCH and start the server again, which ends everybody's sessions.",
  ],
  options: {
    subject: { type: "string", placeholder: "<sub>", description: "the user: the sub claim, such as auth0|5f7c…" },
    client: {
      type: "string",
      placeholder: "<id>",
      description: "the MCP client: its client_id, or the 22 characters by which the log names it",
    },
    undo: { type: "boolean", description: "lift the denial" },
  },
  exitCodes: { 0: "done", 1: "there is no Redis, or it does not answer" },
  async run({ subject, client, undo = false }, _argument, context) {
    if ((subject === undefined) === (client === undefined)) throw new UsageError("Give one of --subject and --client.");
    const { revoke } = await import("../revoke/revoke.ts");
    return revoke(subject === undefined ? { client: client ?? "", undo } : { subject, undo }, context);
  },
});
