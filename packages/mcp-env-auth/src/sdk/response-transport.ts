import type { ServerResponse } from "node:http";
import type { JSONRPCMessage, RequestId, Transport, TransportSendOptions } from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import { CANNOT_ASK, isRequest } from "./ask-client.ts";
import { withBriefError } from "./brief-errors.ts";
import { beginEvents, setEventHeaders, toEvent } from "./event-stream.ts";
import { drained } from "./web-response.ts";

/**
 * The connection of one request, for an SDK server: what the server sends goes out as server-sent events of the HTTP
 * response (MCP 2025-11-25, Streamable HTTP, Sending Messages to the Server). The answer ends it.
 */
export class ResponseTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  /** Called once the answer is written. */
  onanswer: ((answer: JSONRPCMessage) => void) | undefined;
  /** Whether answers to questions come back here. */
  mayAsk = false;
  /** Settles when the response is sent, or its client has gone. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  readonly #request: RequestId;
  readonly #repeatable: unknown;
  readonly #beginning: NodeJS.Immediate;
  #stopKeepAlive = () => {};

  /**
   * @param request the id of the one request.
   * @param repeatable what of it an error may repeat, in part.
   */
  constructor(response: ServerResponse, request: RequestId, repeatable?: unknown) {
    this.#response = response;
    this.#request = request;
    this.#repeatable = repeatable;
    // An answer that is there at once goes out in one piece; a client of one that takes longer learns that it has
    // begun.
    this.#beginning = setImmediate(() => {
      this.#stopKeepAlive = beginEvents(response);
    });
    this.closed = new Promise((resolve) => {
      response.once("close", () => resolve(this.close()));
    });
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const isAnswer = !("method" in message);
    const about = isAnswer ? message.id : options?.relatedRequestId;
    if (isRequest(message) && !this.mayAsk) {
      throw new ToolError(CANNOT_ASK);
    }
    // What is about no request would belong on a stream of its own, which there is none of.
    if (about === undefined || this.#response.writableEnded || this.#response.destroyed) {
      return;
    }
    if (about !== this.#request) {
      throw new Error(`There is no request ${String(about)} on this connection.`);
    }
    setEventHeaders(this.#response);
    if (!isAnswer) {
      if (!this.#response.write(toEvent(message))) {
        await drained(this.#response);
      }
      return;
    }
    // The response may stay open for long after its end, for a client that reads slowly: to write then would end the
    // process.
    this.#stopTimers();
    try {
      this.#response.end(toEvent(withBriefError(message, this.#repeatable)));
    } catch (error) {
      this.#response.end(toEvent({ jsonrpc: "2.0", id: this.#request, error: INTERNAL_ERROR }));
      throw error;
    }
    this.onanswer?.(message);
  }

  async close(): Promise<void> {
    this.#stopTimers();
    const { onclose } = this;
    this.onclose = () => {};
    onclose?.();
  }

  #stopTimers(): void {
    clearImmediate(this.#beginning);
    this.#stopKeepAlive();
  }
}
