import { OAuthError } from "../../errors.ts";

/**
 * Checks the `resource` parameters of a request, of which several may name the same (RFC 8707 section 2).
 *
 * @throws OAuthError `invalid_target`.
 */
export function checkResources(requested: readonly string[], resource: string): void {
  // One without a value counts as absent (RFC 6749 section 3.1).
  for (const one of requested) {
    if (one !== "") {
      checkResource(one, resource);
    }
  }
}

/**
 * Checks one resource indicator (RFC 8707 section 2). Absent means `resource`, the only one there is. Scheme and host
 * have no case (RFC 3986 section 6.2.2.1), and a slash at the end of the path makes no difference, since people paste
 * URLs with and without one. Path, port and query are compared exactly.
 *
 * @throws OAuthError `invalid_target`.
 */
export function checkResource(requested: string | undefined, resource: string): void {
  if (requested !== undefined && normalize(requested) !== normalize(resource)) {
    throw new OAuthError("invalid_target", `This server issues tokens for ${resource} only.`);
  }
}

/** Whether all of `requested` are spellings of one resource. */
export function nameOneResource(requested: readonly string[]): boolean {
  return new Set(requested.map(normalize)).size <= 1;
}

function normalize(uri: string): string {
  const [, origin, path = "", query = ""] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(uri) ?? [];
  return origin === undefined ? uri : `${origin.toLowerCase()}${path.replace(/\/$/, "")}${query}`;
}
