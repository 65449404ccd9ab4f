const WELL_KNOWN = "/.well-known/";

/** The paths that a client may write for the MCP endpoint at `path`: people add a slash to the URL that they paste. */
export function spellingsOf(path: string): ReadonlySet<string> {
  return new Set(path.endsWith("/") ? [path] : [path, `${path}/`]);
}

/**
 * Finds which of `paths` a request is for. Well-known documents (RFC 8615) are found with doubled slashes and with one
 * at the end, since clients append to, or insert, an issuer or a resource that ends in a slash. Other paths are exact.
 */
export function findPath(paths: ReadonlySet<string>, requested: string): string | undefined {
  if (paths.has(requested)) {
    return requested;
  }
  const single = requested.replace(/\/{2,}/g, "/");
  if (!single.includes(WELL_KNOWN)) {
    return undefined;
  }
  return [single, single.replace(/\/$/, "")].find((path) => paths.has(path));
}
