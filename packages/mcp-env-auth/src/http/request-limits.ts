import { type Operation, operationsIn } from "../authorization/operations.ts";
import { parseUrl } from "../lib/parse-url.ts";
import { InvalidMessage } from "./mcp-refusals.ts";

/** The most characters that a name or URI may have. */
export const MAX_NAME_LENGTH = 2048;
const MAX_OPERATIONS = 200;

/** As many as the SDK takes. It looks at each before it counts them: at a hundred thousand for seconds. */
const MAX_BATCH = 100;

/** JSON-RPC 2.0 section 5.1. */
const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

/**
 * Refuses a body that names more, or longer, than is quickly looked up: matching a URI against a template takes more
 * than linear time, and one body may name many.
 *
 * @param maxUriLength characters of a URI in the URL standard's spelling, which templates are matched against.
 * @throws InvalidMessage
 */
export function checkLimits(body: unknown, maxUriLength: number): void {
  const operations = operationsIn(body);
  if (operations.length > MAX_OPERATIONS) {
    throw refusal(`One request asks for more than ${MAX_OPERATIONS} things. Send several requests.`);
  }
  if (Array.isArray(body) && body.length > MAX_BATCH) {
    throw new InvalidMessage(INVALID_REQUEST, `A batch has more than ${MAX_BATCH} messages. Send several.`);
  }
  if (operations.some(({ name }) => name.length > MAX_NAME_LENGTH)) {
    throw refusal(`A name or URI is longer than ${MAX_NAME_LENGTH} characters.`);
  }
  if (operations.some((operation) => isLongUri(operation, maxUriLength))) {
    throw refusal(`A URI is longer than ${maxUriLength} characters, the most that this server's templates allow.`);
  }
}

function isLongUri({ kind, name }: Operation, maxUriLength: number): boolean {
  return kind === "resource" && (parseUrl(name)?.href ?? name).length > maxUriLength;
}

function refusal(advice: string): InvalidMessage {
  return new InvalidMessage(INVALID_PARAMS, advice);
}
