import { representable } from "./env-value.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Reads scopes separated by spaces or commas. Each is a scope-token of RFC 6749 section 3.3. */
export function parseScopes(input: string): Parsed<readonly string[]> {
  const scopes = [...new Set(input.split(/[\s,]+/).filter((scope) => scope !== ""))];
  if (scopes.length === 0) {
    return refuse("Give at least one scope, such as openid,weather:read.");
  }
  const wrong = scopes.find((scope) => !SCOPE_TOKEN.test(scope));
  if (wrong !== undefined) {
    return refuse(`${JSON.stringify(wrong)} is not a scope: it has quotes, backslashes or non-ASCII in it.`);
  }
  const written = representable("A scope", scopes.join(","));
  return written.ok ? accept(scopes) : written;
}
