import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type McpServer,
  type RequestId,
  type Server,
  type Transport,
} from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import { randomId } from "../lib/secrets.ts";
import type { AnswerMessage } from "../sessions/client-answer.ts";
import type { OpenQuestion } from "../sessions/questions.ts";
import type { Session } from "../sessions/sessions.ts";

/** How the client of one request can be asked for something. */
export interface Asker {
  /** What the client said of itself at `initialize`. */
  readonly session: Session;
  /** Opens a question for a request, and gives `take` what is answered. @throws ToolError */
  open(take: (message: AnswerMessage) => void, request: RequestId | undefined): Promise<OpenQuestion>;
}

/** What a tool is told that asks a client without a session. */
export const CANNOT_ASK =
  "The client can't be asked. It must declare at initialize what it can be asked for, take events (Accept: text/event-stream), and send the Mcp-Session-Id that it got.";

const INVALID_ANSWER = "The client's answer is not valid.";

/** Has a server for one request ask its client by `asker`, or fail at once where there is none. */
export function askThrough(built: McpServer | Server, asker: Asker | undefined): void {
  const connect = built.connect.bind(built);
  built.connect = (transport) => {
    if (asker !== undefined) {
      return connectAsking(transport, asker, connect);
    }
    refuseQuestions(transport);
    return connect(transport);
  };
}

/** Has `connect` connect a server that is to ask its client by `asker`, and tells it what the client is. */
export async function connectAsking(
  transport: Transport,
  asker: Asker,
  connect: (transport: Transport) => Promise<void>,
): Promise<void> {
  const handshake = initializeOf(asker.session);
  const { shaken, learnRequest } = routeQuestions(transport, asker, handshake.id);
  await connect(transport);
  transport.onmessage?.(handshake);
  await shaken;
  learnRequest();
}

/** Has questions through `transport` fail: without it, a tool would wait for an answer until its time is over. */
export function refuseQuestions(transport: Transport): void {
  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    if (isRequest(message)) {
      throw new ToolError(CANNOT_ASK);
    }
    return send(message, options);
  };
}

/**
 * The `initialize` of a client that sent it earlier, perhaps to another process: what the SDK's server knows of its
 * client, it learns by that.
 */
function initializeOf({ revision, capabilities, clientInfo }: Session): JSONRPCRequest {
  const params = { protocolVersion: revision, capabilities, clientInfo };
  return { jsonrpc: "2.0", id: `initialize ${randomId()}`, method: "initialize", params };
}

interface Routes {
  /** Settles when the server has answered the handshake, which the client never sees. */
  readonly shaken: Promise<void>;
  /** Has questions that are about no request go out with the answer to the next one. */
  learnRequest(): void;
}

/**
 * Gives each question an id that nobody can guess, and what is answered to it back to the server, under the server's
 * own id.
 */
function routeQuestions(transport: Transport, asker: Asker, handshake: RequestId): Routes {
  const send = transport.send.bind(transport);
  const open = new Map<RequestId, OpenQuestion>();
  const opening = new Set<RequestId>();
  /** The first one that came with the connection, which serves those of one HTTP request. */
  let request: RequestId | undefined;
  let isClosed = false;
  let shake = () => {};
  const shaken = new Promise<void>((resolve) => {
    shake = resolve;
  });

  function close(id: RequestId): void {
    open.get(id)?.close();
    open.delete(id);
  }

  async function ask(question: JSONRPCRequest, about: RequestId | undefined): Promise<JSONRPCMessage> {
    const { id } = question;
    opening.add(id);
    const opened = await asker.open((message) => {
      if (!("progress" in message)) {
        close(id);
      }
      transport.onmessage?.(toServer(id, message));
    }, about);
    // Its time was over before it was sent, or its client has left.
    if (!opening.delete(id) || isClosed) {
      opened.close();
      throw new ToolError(CANNOT_ASK);
    }
    open.set(id, opened);
    return toClient(question, opened.id);
  }

  transport.send = async (message, options) => {
    if (!("method" in message) && message.id === handshake) {
      shake();
      return;
    }
    const related = { ...options, relatedRequestId: options?.relatedRequestId ?? request };
    if (isRequest(message)) {
      return send(await ask(message, related.relatedRequestId), related);
    }
    const cancelled = cancelledBy(message);
    if (cancelled !== undefined && opening.delete(cancelled)) {
      return;
    }
    const question = cancelled === undefined ? undefined : open.get(cancelled);
    if (cancelled === undefined || question === undefined) {
      return send(message, options);
    }
    close(cancelled);
    return send(withParams(message, { requestId: question.id }), related);
  };
  const { onclose } = transport;
  transport.onclose = () => {
    isClosed = true;
    for (const id of [...open.keys()]) {
      close(id);
    }
    onclose?.();
  };
  const learnRequest = () => {
    const { onmessage } = transport;
    transport.onmessage = (message, extra) => {
      request ??= isRequest(message) ? message.id : undefined;
      onmessage?.(message, extra);
    };
  };
  return { shaken, learnRequest };
}

/** Whether a server asks something by it. */
export function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}

function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  const isCancellation = "method" in message && message.method === "notifications/cancelled";
  return isCancellation ? (message.params as { requestId?: RequestId } | undefined)?.requestId : undefined;
}

/** The question under another id, by which the client also names its progress. */
function toClient(question: JSONRPCRequest, id: string): JSONRPCMessage {
  const { _meta } = question.params ?? {};
  const named = { ...question, id };
  return _meta?.progressToken === undefined ? named : withParams(named, { _meta: { ..._meta, progressToken: id } });
}

function withParams<Message extends JSONRPCMessage>(message: Message, params: object): Message {
  return { ...message, params: { ...(message as { params?: object }).params, ...params } };
}

function toServer(id: RequestId, answer: AnswerMessage): JSONRPCMessage {
  if ("progress" in answer) {
    const params = { ...answer.progress, progressToken: id };
    return { jsonrpc: "2.0", method: "notifications/progress", params };
  }
  if ("failure" in answer) {
    return { jsonrpc: "2.0", id, error: { ...INTERNAL_ERROR, message: answer.failure } };
  }
  const message = { jsonrpc: "2.0" as const, id, ...answer };
  return isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)
    ? (message as JSONRPCMessage)
    : { jsonrpc: "2.0", id, error: { ...INTERNAL_ERROR, message: INVALID_ANSWER } };
}
