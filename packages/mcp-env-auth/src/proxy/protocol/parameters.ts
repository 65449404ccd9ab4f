import type { EndpointRequest } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { nameOneResource } from "./resource-indicator.ts";

/** The parameters of an OAuth request. One without a value counts as absent (RFC 6749 section 3.1). */
export interface Parameters {
  get(name: string): string | undefined;
  /** Every value, in the order sent. */
  getAll(name: string): readonly string[];
  /** Sent more than once, which no request may do (RFC 6749 sections 3.1 and 3.2). Never empty names. */
  readonly repeated: ReadonlySet<string>;
}

/** The parameters of a GET request's query, or of a POST request's form. */
export function readParameters(request: EndpointRequest): Parameters {
  const values = request.method === "POST" ? formOf(request) : request.query;
  const seen = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of values) {
    if (seen.has(name)) {
      repeated.add(name);
    }
    seen.set(name, value);
  }
  return {
    get: (name) => (repeated.has(name) ? undefined : seen.get(name) || undefined),
    getAll: (name) => values.getAll(name),
    repeated,
  };
}

/**
 * Reads a form whose every parameter may stand there once.
 *
 * @throws OAuthError `invalid_request` for a repeated one.
 */
export function readUniqueParameters(request: EndpointRequest): Parameters {
  const parameters = readParameters(request);
  requireUnique(parameters);
  return parameters;
}

/**
 * Only `resource` may be repeated (RFC 8707 section 2), as long as it names one resource.
 *
 * @throws OAuthError `invalid_request` when a parameter is repeated.
 */
export function requireUnique({ repeated, getAll }: Parameters): void {
  const names = [...repeated].filter((name) => name !== "resource" || !nameOneResource(getAll(name)));
  if (names.length > 0) {
    throw new OAuthError("invalid_request", `Send each parameter once; repeated: ${listNames(names)}.`);
  }
}

/** @throws OAuthError `invalid_request` when `name` is absent. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) {
    throw new OAuthError("invalid_request", `The parameter ${name} is missing.`);
  }
  return value;
}

/** `text` in the characters that `error_description` may have (RFC 6749 section 4.1.2.1), at most `limit` of them. */
export function describable(text: string, limit = 200): string {
  const clean = text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]+/g, " ");
  return clean.length > limit ? `${clean.slice(0, limit - 3)}...` : clean;
}

function listNames(names: readonly string[]): string {
  return describable(names.join(", "), 100);
}

function formOf({ body }: EndpointRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}
