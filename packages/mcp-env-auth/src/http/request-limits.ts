import { type Operation, operationsIn, subscribedUris } from "../authorization/operations.ts";
import { parseUrl } from "../lib/url.ts";
import { extentOfValue } from "./body-extent.ts";
import { INVALID_PARAMS, INVALID_REQUEST } from "./json-rpc.ts";
import { InvalidMessage } from "./mcp-refusals.ts";

/** The most characters that a name or URI may have. */
export const MAX_NAME_LENGTH = 2048;
const MAX_OPERATIONS = 200;

/** The most characters of an id: every answer repeats it. */
const MAX_ID_LENGTH = 200;

/** As many as the SDK takes. It looks at each before it counts them: at a hundred thousand for seconds. */
const MAX_BATCH = 100;

/**
 * The most values of a message, as {@link extentOfValue} counts them, besides what it gives to a tool or answers: far
 * more than clients say of themselves and of a call. The SDK's schemas find something wrong with each, of a hundred
 * kilobytes in most of a second.
 */
const MAX_ENVELOPE_VALUES = 1000;

/**
 * Refuses a body that names more, or longer, than is quickly looked up: matching a URI against a template takes more
 * than linear time, and one body may name many.
 *
 * @param maxUriLength characters of a URI in the URL standard's spelling, which templates are matched against.
 * @throws InvalidMessage
 */
export function checkLimits(body: unknown, maxUriLength: number): void {
  const operations = operationsIn(body);
  if (idsIn(body).some((id) => typeof id === "string" && id.length > MAX_ID_LENGTH)) {
    throw new InvalidMessage(INVALID_REQUEST, `An id is longer than ${MAX_ID_LENGTH} characters.`);
  }
  if (operations.length > MAX_OPERATIONS) {
    throw refusal(`One request asks for more than ${MAX_OPERATIONS} things. Send several requests.`);
  }
  if (Array.isArray(body) && body.length > MAX_BATCH) {
    throw new InvalidMessage(INVALID_REQUEST, `A batch has more than ${MAX_BATCH} messages. Send several.`);
  }
  if (subscribedUris(body).some((uri) => typeof uri !== "string")) {
    throw refusal("A URI in resourceSubscriptions is not a string.");
  }
  if (messagesIn(body).some((message) => extentOfValue(envelopeOf(message)).values > MAX_ENVELOPE_VALUES)) {
    throw refusal(`A message has more than ${MAX_ENVELOPE_VALUES} values besides the arguments of a tool.`);
  }
  if (operations.some(({ name }) => name.length > MAX_NAME_LENGTH)) {
    throw refusal(`A name or URI is longer than ${MAX_NAME_LENGTH} characters.`);
  }
  if (operations.some((operation) => isLongUri(operation, maxUriLength))) {
    throw refusal(`A URI is longer than ${maxUriLength} characters, the most that this server's templates allow.`);
  }
}

function messagesIn(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [body];
}

function idsIn(body: unknown): readonly unknown[] {
  return messagesIn(body).map((message) => (message as { id?: unknown } | null)?.id);
}

/** A message without what a tool's own schema is for, and what answers a question of the server's. */
function envelopeOf(message: unknown): unknown {
  if (typeof message !== "object" || message === null) {
    return message;
  }
  const { result, params, ...rest } = message as { method?: unknown; result?: unknown; params?: unknown };
  if (typeof params !== "object" || params === null) {
    return { ...rest, params };
  }
  const { inputResponses, ...others } = params as { inputResponses?: unknown; arguments?: unknown };
  if (rest.method === "tools/call") {
    delete others.arguments;
  }
  return { ...rest, params: others };
}

function isLongUri({ kind, name }: Operation, maxUriLength: number): boolean {
  return kind === "resource" && (parseUrl(name)?.href ?? name).length > maxUriLength;
}

function refusal(advice: string): InvalidMessage {
  return new InvalidMessage(INVALID_PARAMS, advice);
}
