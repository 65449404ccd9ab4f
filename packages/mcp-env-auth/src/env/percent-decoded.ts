/** `text` without percent-encoding (RFC 3986 section 2.1); `undefined` where a percent sign in it begins none. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
