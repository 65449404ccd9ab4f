import { defineCommand } from "../command.ts";

export const sessionsCommand = defineCommand({
  name: "sessions",
  summary: "list the logins that have not ended, from Redis",
  details: [
    "Reads them from the Redis that the server uses (FASTMCP_STORAGE_URL), most recently used first. Records are sealed there, so the command needs the server's environment. A record holds no token. The last use may be a minute old. The client's name is what the client says of itself.",
    "Machines are not listed, nor are logins of versions before this command, until they are renewed.",
  ],
  options: {
    subject: { type: "string", placeholder: "<sub>", description: "only those of this user" },
    client: {
      type: "string",
      placeholder: "<id>",
      description: "only those through this client: its client_id, or the 22 characters by which the log names it",
    },
    json: { type: "boolean", description: "as JSON, with times of ISO 8601" },
  },
  exitCodes: { 0: "done, even if there are none", 1: "there is no Redis, or it does not answer" },
  async run({ subject, client, json = false }, _argument, context) {
    const { listSessions } = await import("../revoke/list-sessions.ts");
    return listSessions({ subject, client, json }, context);
  },
});
