import type { RequestHandler } from "express";

/** One request that came in, with nothing in it that opens a door. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Query and body parameters. Codes, tokens, secrets and the like are `[masked]`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The scheme of the Authorization header, such as `Basic`. */
  readonly authorization: string | undefined;
  /** `undefined` until it is answered, and when the connection is cut. */
  readonly status: number | undefined;
}

/** Only the last 1,000 are kept. */
const MAX_REQUESTS = 1000;

const SECRETS: ReadonlySet<string> = new Set([
  "access_token",
  "client_assertion",
  "client_secret",
  "code",
  "code_verifier",
  "id_token_hint",
  "password",
  "refresh_token",
  "subject_token",
  "token",
]);

/** Records every request into `requests`, and tells `onAnswer` of each one that was answered. */
export function recordRequests(
  requests: RecordedRequest[],
  onAnswer: ((request: RecordedRequest) => void) | undefined,
): RequestHandler {
  return (request, response, next) => {
    const entry = {
      method: request.method,
      path: request.path,
      params: maskSecrets({ ...request.query, ...request.body }),
      authorization: request.headers.authorization?.split(" ", 1)[0],
      status: undefined as number | undefined,
    };
    requests.push(entry);
    if (requests.length > MAX_REQUESTS) {
      requests.shift();
    }
    response.once("finish", () => {
      entry.status = response.statusCode;
      onAnswer?.(entry);
    });
    next();
  };
}

function maskSecrets(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, SECRETS.has(name) ? "[masked]" : value]),
  );
}
