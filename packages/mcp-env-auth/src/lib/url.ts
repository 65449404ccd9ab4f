/**
 * `text` as a URL, or `undefined` when it is none.
 *
 * In the place of `URL.canParse`: once that is optimized, Node 20 and 22 refuse every string with letters such as ü
 * (U+0080 to U+00FF) in it, which `new URL` takes. What is checked by the one and served by the other is not checked.
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * Whether `hostname`, as `URL` spells it, is this machine. Names under `.localhost` are not sure to be: resolvers
 * differ.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** `text` without percent-encoding (RFC 3986 section 2.1); `undefined` where a percent sign in it begins none. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
