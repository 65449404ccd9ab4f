import { representable } from "./env-value.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

/** Reads a client id. Auth0's have 32 letters and digits, but nothing is made of that. */
export function parseClientId(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") {
    return refuse("The client id is empty. Find it under Applications > your application > Settings.");
  }
  if (/\s/.test(text) || /^https?:/i.test(text)) {
    return refuse("That is not a client id. Find it under Applications > your application > Settings.");
  }
  return representable("The client id", text);
}

/**
 * Reads a client secret as its file or prompt has it: white space around it is not part of it. Never quoted in a
 * problem.
 */
export function parseClientSecret(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") {
    return refuse("The client secret is empty.");
  }
  return representable("The client secret", text);
}

/** Reads an audience: the identifier of an API at Auth0, any string, often a URL that leads nowhere. */
export function parseAudience(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") {
    return refuse("The audience is empty. It is the identifier under Applications > APIs > your API.");
  }
  return representable("The audience", text);
}

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
