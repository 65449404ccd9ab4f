import { OAuthError } from "../../errors.ts";

/**
 * Checks a `resource` parameter (RFC 8707 section 2). Absent means `resource`, the only one there is.
 * An empty path equals `/` (RFC 3986 section 6.2.3), and scheme and host have no case; nothing else is equated.
 *
 * @throws OAuthError `invalid_target`.
 */
export function checkResource(requested: string | undefined, resource: string): void {
  if (requested !== undefined && normalise(requested) !== normalise(resource)) {
    throw new OAuthError("invalid_target", `This server issues tokens for ${resource} only.`);
  }
}

function normalise(uri: string): string {
  const [, origin, rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(.*)$/is.exec(uri) ?? [];
  return origin === undefined ? uri : `${origin.toLowerCase()}${rest === "" ? "/" : rest}`;
}
