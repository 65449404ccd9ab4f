/** State that the stand-in provider gives out instead of keeping it, so that what it issued works at any later time. */
export function encodeState(prefix: string, state: object): string {
  return `${prefix}${Buffer.from(JSON.stringify(state)).toString("base64url")}`;
}

export function decodeState<T>(prefix: string, value: string | null | undefined): T | undefined {
  if (value == null || !value.startsWith(prefix)) {
    return undefined;
  }
  return JSON.parse(Buffer.from(value.slice(prefix.length), "base64url").toString()) as T;
}
