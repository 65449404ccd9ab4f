import type { RequestHandler } from "express";
import type { EndpointBody } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import type { FairTurns } from "./fair-slices.ts";
import { readJsonForm } from "./json-form.ts";
import type { OpenBodyRoom } from "./open-body-room.ts";
import { addressKey } from "./rate-limit.ts";
import { BodyTooLarge, readBody } from "./request-body.ts";

const BODY_LIMIT = 64 * 1024;

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/** What clients were seen to send where no browser's form is expected: the content says what it is. */
const LENIENT = new Set([FORM, JSON_TYPE, "text/plain"]);

/** Too many bodies are being read: 503. */
export class NoRoomForOpenBody extends OAuthError {
  constructor() {
    super("temporarily_unavailable", "Too many requests are being read. Send this one again in a moment.", {
      retryAfter: 1,
    });
  }
}

interface BodyReader {
  /** For the error, where the body has another type. */
  readonly expected: string;
  accepts(type: string | undefined): boolean;
  parse(text: string): unknown;
  /** Takes what a parser of the app has left. */
  takeParsed(body: object): unknown;
}

const READERS: Readonly<Record<Exclude<EndpointBody, "none">, BodyReader>> = {
  form: {
    expected: FORM,
    accepts: (type) => mediaTypes(type).join() === FORM,
    parse: (text) => new URLSearchParams(text),
    takeParsed: formOfParsed,
  },
  json: { expected: JSON_TYPE, accepts: isLenient, parse: parseJson, takeParsed: (body) => body },
  "form or json": {
    expected: FORM,
    accepts: isLenient,
    parse: (text) => (text.trimStart().startsWith("{") ? readJsonForm(text) : new URLSearchParams(text)),
    takeParsed: formOfParsed,
  },
};

/**
 * Reads an endpoint's body into `request.body`, within a limit.
 *
 * @param room what it shares with all others.
 * @param fairTurn what it waits for before it is parsed and handled.
 */
export function parserFor(body: EndpointBody, room: OpenBodyRoom, fairTurn: FairTurns): RequestHandler[] {
  const awaitTurn: RequestHandler = (request, response, next) => {
    fairTurn(addressKey(request)).then(() => response.destroyed || next(), next);
  };
  if (body === "none") {
    return [awaitTurn];
  }
  const reader = READERS[body];
  return [readRaw(reader.accepts, room), awaitTurn, read(reader)];
}

/** What a client did wrong, of an error of Express's body parsers: they mark a client's fault by `status`. */
export function refusalOfParser(error: unknown): OAuthError | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") {
    return undefined;
  }
  if (error.status === 413) {
    return tooLarge();
  }
  const isClients = error.status >= 400 && error.status < 500;
  return isClients ? unreadable() : undefined;
}

function readRaw(accepts: BodyReader["accepts"], room: OpenBodyRoom): RequestHandler {
  return (request, response, next) => {
    const { headers } = request;
    if (Number(headers["content-length"] ?? 0) > BODY_LIMIT) {
      return next(tooLarge());
    }
    const hasBody = headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
    if (request.readableEnded || !hasBody || !accepts(headers["content-type"])) {
      return next();
    }
    if ((headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") {
      return next(new OAuthError("invalid_request", "Send the body without Content-Encoding.", { status: 415 }));
    }
    const isChunked = headers["transfer-encoding"] !== undefined;
    const bytes = isChunked ? BODY_LIMIT : Number(headers["content-length"]);
    const place = room(addressKey(request), bytes, () => request.socket.destroy());
    if (place === undefined) {
      return next(new NoRoomForOpenBody());
    }
    response.once("close", place.leave);
    readBody(request, BODY_LIMIT).then(
      (body) => {
        place.arrived(body.length);
        request.body = body;
        next();
      },
      (error: unknown) => next(error instanceof BodyTooLarge ? tooLarge() : unreadable()),
    );
  };
}

function unreadable(): OAuthError {
  return new OAuthError("invalid_request", "The body can't be read.");
}

function tooLarge(): OAuthError {
  return new OAuthError("invalid_request", `The body is larger than ${BODY_LIMIT} bytes.`, { status: 413 });
}

function read({ expected, parse, takeParsed }: BodyReader): RequestHandler {
  return (request, _response, next) => {
    const bodyless = request.method === "GET" || request.method === "HEAD";
    if (!bodyless && request.body === undefined) {
      throw new OAuthError("invalid_request", `Send a body of type ${expected}.`);
    }
    // Forms are ASCII and JSON is UTF-8 (RFC 8259 section 8.1), whatever charset a client states.
    if (Buffer.isBuffer(request.body)) {
      request.body = request.body.toString("utf8");
    }
    if (typeof request.body === "string") {
      request.body = parse(request.body);
    } else if (!bodyless && typeof request.body === "object") {
      request.body = takeParsed(request.body);
    }
    next();
  };
}

/**
 * The form that a body parser of the app has made an object of. A parameter that was sent twice is an array there, and
 * stays twice.
 */
function formOfParsed(body: object): URLSearchParams {
  const values = Object.entries(body).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as const));
  if (values.some(([, value]) => typeof value !== "string")) {
    throw unreadable();
  }
  return new URLSearchParams(values as [string, string][]);
}

/** Some HTTP libraries send a list of types, and some none (RFC 9110 section 8.3 has one). */
function isLenient(type: string | undefined): boolean {
  return type === undefined || mediaTypes(type).some((one) => LENIENT.has(one));
}

function mediaTypes(type: string | undefined): readonly string[] {
  return (type ?? "").split(",").map((one) => one.replace(/;.*$/s, "").trim().toLowerCase());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OAuthError("invalid_request", "The body is not JSON.");
  }
}
