import {
  type Implementation,
  type JSONRPCMessage,
  type JSONRPCResultResponse,
  McpServer,
  type McpServerOptions,
  PerRequestHTTPServerTransport,
  type Transport,
} from "@modelcontextprotocol/server";
import { connectAsking, refuseQuestions } from "./ask-client.ts";
import { briefErrors } from "./brief-errors.ts";
import { pauseBetweenChecks } from "./pause-between-checks.ts";
import { ResponseTransport } from "./response-transport.ts";
import { watchAnswers } from "./watch-answers.ts";
import type { DirectClient } from "./web-request.ts";

/** What stands for the server of a request that is over: it has no connection, and nothing of that request. */
const { server: OVER } = new McpServer({ name: "over", version: "0" });

/**
 * The SDK's server for one request. It does two things when its connection ends; bench/README.md says what each gains.
 *
 * - The SDK makes an error for whoever still waits on the connection. After an answer nobody does, so the error gets no
 *   stack trace. What a handler makes of an early end gets none either: where it happened is known.
 * - It releases the request. V8 keeps what a getter in an object literal refers to until it next collects its whole
 *   heap. The SDK's record of a tool has such a getter, and it leads here: V8's quick collections would copy all that a
 *   call made.
 */
export class RequestServer extends McpServer {
  #client: DirectClient | undefined;

  /** @param client takes the answer, without the web response that the SDK's handler makes of it. */
  constructor(info: Implementation, options?: McpServerOptions, client?: DirectClient) {
    super(info, options);
    this.#client = client;
    if (client?.pause !== undefined) {
      pauseBetweenChecks(this.server, client.pause);
    }
  }

  override async connect(transport: Transport): Promise<void> {
    const asker = this.#client?.asker;
    await (asker === undefined
      ? super.connect(transport)
      : connectAsking(transport, asker, (asking) => super.connect(asking)));
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
      watchAnswers(transport, client);
      if (asker === undefined) {
        refuseQuestions(transport);
      }
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
  let sent: DirectClient["sent"] | undefined;
  let isAnswered = false;
  transport.send = async (message, options) => {
    if (isAnswered) {
      return;
    }
    const taken = client;
    client = undefined;
    if (taken === undefined || !isAnswer(message)) {
      brief ??= taken?.brief;
      sent ??= taken?.sent;
      await send(brief?.(message) ?? message, options);
      sent?.(message);
      return;
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

/** Does some work of which no error has a stack trace: taking them is most of what errors cost. */
function withoutStackTraces(work: () => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
