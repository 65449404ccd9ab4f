import { representable } from "./env-value.ts";
import { type Parsed, refuse } from "./parsed.ts";

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
