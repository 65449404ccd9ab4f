import type { IncomingMessage } from "node:http";
import type { JSONRPCMessage, JSONRPCResultResponse } from "@modelcontextprotocol/server";
import type { Dialect } from "../client-dialects.ts";
import type { CallNote } from "../http/call-outcome.ts";
import type { CallTurn } from "../http/call-turns.ts";
import type { Asker } from "./ask-client.ts";
import { standInFor } from "./light-view.ts";
import { toHeaders } from "./request-headers.ts";
import type { Subscriber } from "./resource-subscriber.ts";

/** What a view has in addition to what came with the request. */
export interface ViewParts {
  /** The endpoint's own. */
  readonly url: string;
  /** The parsed body, for {@link parsedBodyOf}. */
  readonly body: unknown;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** What its `Accept` header stands for, where it says that in other words. */
  readonly accept?: string | undefined;
  /** How its client can be reached, for {@link clientOf}. */
  readonly client?: DirectClient | undefined;
}

/** The client of a request, reached without a web response. */
export interface DirectClient {
  /** Sends the answer, in the place of a web response. */
  answer(answer: JSONRPCResultResponse): void;
  /** Shortens what `message` says is wrong with the request. */
  brief<Message extends JSONRPCMessage>(message: Message): Message;
  /** Settles when it has read most of what it was sent, or has gone. */
  caughtUp(): Promise<void>;
  /** What its messages begin by, where they have to wait for that. */
  readonly turn?: CallTurn | undefined;
  /** How it is told of refusals: of a request that asks what tools there are. */
  readonly dialect?: Dialect | undefined;
  /** Lets others have their turn in the middle of a large request; absent for any other. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Says how the call `id` will end, where its answer does not. */
  note(id: unknown, note: CallNote): void;
  /** Takes note of a message that was sent another way than by {@link DirectClient.answer}. */
  sent(message: JSONRPCMessage): void;
  /** What stands for its session, where it has one. */
  readonly sessionKey?: string | undefined;
  /** How it can be asked for something, where it can. */
  readonly asker?: Asker | undefined;
  /** Present where it can be told of changes. Of an `initialize`, has the answer begin the session for that. */
  readonly beginSession?: (() => void) | undefined;
  /** How it subscribes to resources, where it can. */
  readonly subscriber?: Subscriber | undefined;
}

const clients = new WeakMap<object, DirectClient>();

/**
 * A Fetch-standard view of a request whose body was read already.
 *
 * A `Request` of the platform's costs more than all our checks of a call: it parses the URL and makes a second signal
 * that follows the first. This one holds what the MCP SDK reads; the rest of what a `Request` has comes from a real
 * one, made when somebody asks for it. Only the platform's own code, given this one for a `Request` (as in `new
 * Request(it)`), does not know it; its `clone()` is a real one.
 */
export function toWebRequest(request: IncomingMessage, parts: ViewParts): Request {
  return new LightRequest(request, parts) as unknown as Request;
}

/** A `Request` of the platform's, without the body. */
export function toPlainRequest(request: IncomingMessage, { url, signal, client, accept }: ViewParts): Request {
  const { method = "GET" } = request;
  const plain = new Request(url, { method, headers: toHeaders(request, accept), signal });
  if (client !== undefined) {
    clients.set(plain, client);
  }
  return plain;
}

/** The parsed body of a request that {@link toWebRequest} made; `undefined` for any other, or without one. */
export function parsedBodyOf(request: Request | undefined): unknown {
  return LightRequest.partsOf(request)?.body;
}

/** The client of a request that was made here; `undefined` for any other, and where it is reached another way. */
export function clientOf(request: Request | undefined): DirectClient | undefined {
  return request && (LightRequest.partsOf(request)?.client ?? clients.get(request));
}

class LightRequest {
  readonly #request: IncomingMessage;
  readonly #parts: ViewParts;
  #headers: Headers | undefined;
  #whole: Request | undefined;

  static partsOf(request: object | undefined): ViewParts | undefined {
    return request !== undefined && #parts in request ? request.#parts : undefined;
  }

  constructor(request: IncomingMessage, parts: ViewParts) {
    this.#request = request;
    this.#parts = parts;
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get url(): string {
    return this.#parts.url;
  }

  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  get headers(): Headers {
    this.#headers ??= toHeaders(this.#request, this.#parts.accept);
    return this.#headers;
  }

  get whole(): Request {
    const { method, url, headers, signal } = this;
    this.#whole ??= new Request(url, { method, headers, signal });
    return this.#whole;
  }
}

standInFor(LightRequest, Request);
