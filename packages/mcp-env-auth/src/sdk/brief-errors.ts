import type { JSONRPCMessage, McpServer, Server, Transport } from "@modelcontextprotocol/server";

/** How many characters of one text of the request an error may repeat. */
const MAX_ECHO = 200;

/** The longest error of the protocol, in characters. A schema finds something wrong with each value of a request. */
const MAX_LENGTH = 1000;

/** The longest error of a handler's own, in characters. */
const MAX_HANDLER_LENGTH = 20_000;

/** How the SDK's results begin that say what a schema found. */
const BY_SCHEMA = /^(?:MCP error -?\d+: )?(?:Input|Output) validation error/;

/** How the SDK writes an error of the protocol. */
const ERROR = /^\{"jsonrpc":"2\.0",(?:"id":(?:-?[\d.e+]+|null|"[^"]*"),)?"error":/;

const ELLIPSIS = "…";

/** How texts of a request begin that are longer than an error may repeat, each by its first characters. */
type LongTexts = ReadonlyMap<string, string>;

/**
 * Shortens what an answer to `request` says is wrong with it, whoever says so: the SDK, a schema or a handler. Other
 * messages come back as they are.
 *
 * @param request what may be repeated: the parsed body, headers. The same object for every answer to a request: its
 * long texts are collected once.
 */
export function withBriefError<Message extends JSONRPCMessage>(message: Message, request: unknown): Message {
  if ("error" in message) {
    const { error } = message as { error: { message: string; data?: unknown } };
    const texts = longTextsOf(request, error.message.length > MAX_ECHO || error.data !== undefined);
    const brief = { ...error, message: withoutEcho(error.message, texts, MAX_LENGTH) };
    if (error.data !== undefined) {
      brief.data = briefData(error.data, texts);
    }
    return { ...message, error: brief };
  }
  const { result } = message as { result?: { isError?: unknown; content?: unknown } };
  if (result?.isError !== true || !Array.isArray(result.content)) {
    return message;
  }
  const texts = longTextsOf(request, result.content.some(isLong));
  return { ...message, result: { ...result, content: result.content.map((part) => briefPart(part, texts)) } };
}

/** The same for an answer in JSON: the SDK's handler refuses some requests itself. */
export function briefJson(json: string, request: unknown): string {
  if (json.length <= MAX_ECHO || !ERROR.test(json)) {
    return json;
  }
  return JSON.stringify(withBriefError(JSON.parse(json) as JSONRPCMessage, request));
}

/** Has what is sent through `transport` made brief. */
export function briefErrors(
  transport: Transport,
  brief: <Message extends JSONRPCMessage>(message: Message) => Message,
): void {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => send(brief(message), options);
}

/** Has a server for one request, which is not ours, shorten its errors. */
export function briefErrorsOf(built: McpServer | Server, request: unknown): void {
  const connect = built.connect.bind(built);
  built.connect = (transport) => {
    briefErrors(transport, (message) => withBriefError(message, request));
    return connect(transport);
  };
}

function isLong(part: unknown): boolean {
  const { text } = part as { text?: unknown };
  return typeof text === "string" && text.length > MAX_ECHO;
}

function briefPart(part: unknown, texts: LongTexts): unknown {
  const { text } = part as { text?: unknown };
  if (typeof text !== "string") {
    return part;
  }
  return {
    ...(part as object),
    text: withoutEcho(text, texts, BY_SCHEMA.test(text) ? MAX_LENGTH : MAX_HANDLER_LENGTH),
  };
}

function briefData(data: unknown, texts: LongTexts): unknown {
  if (typeof data === "string") {
    return withoutEcho(data, texts, MAX_HANDLER_LENGTH);
  }
  if (typeof data !== "object" || data === null || texts.size === 0) {
    return data;
  }
  if (Array.isArray(data)) {
    return data.map((item) => briefData(item, texts));
  }
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, briefData(value, texts)]));
}

function withoutEcho(text: string, texts: LongTexts, limit: number): string {
  if (text.length <= MAX_ECHO) {
    return text;
  }
  const within = text.length > MAX_HANDLER_LENGTH ? text.slice(0, MAX_HANDLER_LENGTH) : text;
  const brief = texts.size === 0 ? within : cutEchoes(within, texts, limit);
  if (brief.length > limit) {
    return `${brief.slice(0, limit)}${ELLIPSIS}`;
  }
  return within === text ? brief : `${brief}${ELLIPSIS}`;
}

/** @param limit characters of the outcome that matter. */
function cutEchoes(text: string, texts: LongTexts, limit: number): string {
  let brief = "";
  let from = 0;
  for (let at = 0; at + MAX_ECHO < text.length && brief.length + at - from <= limit; at += 1) {
    const echoed = texts.get(text.slice(at, at + MAX_ECHO + 1));
    if (echoed === undefined) {
      continue;
    }
    brief += `${text.slice(from, at + MAX_ECHO)}${ELLIPSIS}`;
    from = at + commonLength(text, at, echoed);
    at = from - 1;
  }
  return brief + text.slice(from);
}

function commonLength(text: string, at: number, echoed: string): number {
  let length = MAX_ECHO + 1;
  while (length < echoed.length && text[at + length] === echoed[length]) {
    length += 1;
  }
  return length;
}

const NONE: LongTexts = new Map();

/** Those of requests that are being answered: a batch has many answers. */
const collected = new WeakMap<object, LongTexts>();

function longTextsOf(request: unknown, isNeeded: boolean): LongTexts {
  if (!isNeeded) {
    return NONE;
  }
  const known = typeof request === "object" && request !== null ? collected.get(request) : undefined;
  if (known !== undefined) {
    return known;
  }
  const texts = new Map<string, string>();
  collect(request, texts);
  if (typeof request === "object" && request !== null) {
    collected.set(request, texts);
  }
  return texts;
}

/**
 * Texts and names as they are and, since errors quote some, as JSON has them. Bodies are limited in depth and number of
 * values.
 */
function collect(value: unknown, texts: Map<string, string>): void {
  if (typeof value === "string") {
    if (value.length <= MAX_ECHO) {
      return;
    }
    // No more of it is compared: errors are cut to that before.
    const beginning = value.slice(0, MAX_HANDLER_LENGTH);
    for (const text of [beginning, JSON.stringify(beginning).slice(1, -1)]) {
      texts.set(text.slice(0, MAX_ECHO + 1), text);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) {
      collect(item, texts);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      collect(name, texts);
      collect(member, texts);
    }
  }
}
