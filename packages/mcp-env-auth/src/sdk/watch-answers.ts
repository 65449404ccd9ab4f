import type { McpServer, Server, Transport } from "@modelcontextprotocol/server";
import type { DirectClient } from "./web-request.ts";

/** Tells `client` of all that is sent through `transport`, once it is sent. */
export function watchAnswers(transport: Transport, client: Pick<DirectClient, "sent">): void {
  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    await send(message, options);
    client.sent(message);
  };
}

/** The same for a server for one request, which is not ours. */
export function watchAnswersOf(built: McpServer | Server, client: Pick<DirectClient, "sent"> | undefined): void {
  if (client === undefined) {
    return;
  }
  const connect = built.connect.bind(built);
  built.connect = (transport) => {
    watchAnswers(transport, client);
    return connect(transport);
  };
}
