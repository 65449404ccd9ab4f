import { quoteEnvValue } from "./env-value.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";

/** Reads a client id. Auth0's have 32 letters and digits, but nothing is made of that. */
export function parseClientId(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") return refuse("The client id is empty. Find it under Applications > your application > Settings.");
  if (/\s/.test(text) || /^https?:/i.test(text)) {
    return refuse("That is not a client id. Find it under Applications > your application > Settings.");
  }
  return representable("The client id", text);
}

/** Reads a client secret as its file or prompt has it: white space around it is not part of it. Never quoted in a problem. */
export function parseClientSecret(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") return refuse("The client secret is empty.");
  return representable("The client secret", text);
}

/** Reads an audience: the identifier of an API at Auth0, any string, often a URL that leads nowhere. */
export function parseAudience(input: string): Parsed<string> {
  const text = input.trim();
  if (text === "") return refuse("The audience is empty. It is the identifier under Applications > APIs > your API.");
  return representable("The audience", text);
}

/** What can't be written into `.env` is refused here, before anything is done. */
function representable(what: string, value: string): Parsed<string> {
  const quoted = quoteEnvValue(value);
  return quoted.ok ? accept(value) : refuse(`${what} can't be written into .env: it ${quoted.problem}.`);
}
