import {
  type Implementation,
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  McpServer,
  type McpServerOptions,
  PerRequestHTTPServerTransport,
  type Transport,
} from "@modelcontextprotocol/server";
import { briefErrors } from "./brief-errors.ts";
import { ResponseTransport } from "./response-transport.ts";
import type { DirectClient } from "./web-request.ts";
import { withoutStackTraces } from "./without-stack-traces.ts";

/** What stands for the server of a request that is over: it has no connection, and nothing of that request. */
const { server: OVER } = new McpServer({ name: "over", version: "0" });

/**
 * The SDK's server for one request. When its connection ends, the SDK makes an error for whoever still waits on it.
 * After an answer nobody does, and the error's stack trace costs a twentieth of a call. What a handler makes of an
 * early end has none either: where it happened is known.
 *
 * Then it lets go of the request. V8 keeps what a getter in an object literal refers to until it next collects its
 * whole heap, and the SDK's record of a tool has one, which leads here: all that a call took would be copied around by
 * the quick collections, for a tenth of what the call costs.
 */
export class RequestServer extends McpServer {
  #client: DirectClient | undefined;

  /**
   * @param client takes the answer without the web response that the SDK's handler makes of it, which costs a seventh
   * of a call.
   */
  constructor(info: Implementation, options?: McpServerOptions, client?: DirectClient) {
    super(info, options);
    this.#client = client;
  }

  override async connect(transport: Transport): Promise<void> {
    await super.connect(transport);
    const { onclose } = transport;
    transport.onclose = () => {
      try {
        withoutStackTraces(() => onclose?.());
      } finally {
        Object.assign(this, { server: OVER });
      }
    };
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined || transport instanceof ResponseTransport) {
      return;
    }
    if (transport instanceof PerRequestHTTPServerTransport) {
      divert(transport, client);
    } else {
      briefErrors(transport, client.brief);
    }
  }
}

/**
 * Has `to` take the answer when it comes before all else: what comes after a notification must follow it in the stream.
 */
function divert(transport: Transport, to: DirectClient): void {
  const send = transport.send.bind(transport);
  // Released with the first message: the transport outlives the request, and would keep all of it. From then on V8
  // would allocate what other requests make among what lasts, too.
  let client: DirectClient | undefined = to;
  let brief: DirectClient["brief"] | undefined;
  let isAnswered = false;
  transport.send = async (message, options) => {
    if (isAnswered) {
      return;
    }
    const taken = client;
    client = undefined;
    if (taken === undefined || !isAnswer(message)) {
      brief ??= taken?.brief;
      return send(brief?.(message) ?? message, options);
    }
    isAnswered = true;
    // The SDK ends its part of the exchange then, with a response that nobody is sent.
    queueMicrotask(() => withoutStackTraces(() => void transport.close()));
    taken.answer(taken.brief(message));
  };
}

function isAnswer(message: JSONRPCMessage): message is JSONRPCResultResponse {
  return "result" in message;
}
