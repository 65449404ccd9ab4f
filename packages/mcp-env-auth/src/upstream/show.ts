const MAX_SHOWN = 200;

/** `value` of a token for a message: printable ASCII without quotes, of bounded length. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/[^\x20-\x7e]+|["\\]/g, "?").slice(0, MAX_SHOWN);
}
