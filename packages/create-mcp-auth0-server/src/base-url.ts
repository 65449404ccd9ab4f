import { representable } from "./env-value.ts";
import { hasControlCharacter, isLoopback, type Parsed, refuse } from "./parsed.ts";

export const DEFAULT_BASE_URL = "http://localhost:8000";

/** The path of the provider's callback below BASE_URL; the default of `…_AUTH0_REDIRECT_PATH`. */
const CALLBACK_PATH = "/auth/callback";

/** Reads the public address of the server, which is written without a trailing slash. */
export function parseBaseUrl(input: string): Parsed<string> {
  const text = input.trim();
  if (hasControlCharacter(text) || !URL.canParse(text)) {
    return refuse(`"${printable(text)}" is not a URL, such as ${DEFAULT_BASE_URL} or https://mcp.example.com.`);
  }
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return refuse(`The base URL must be https, or http on localhost: ${url.host || printable(text)} is neither.`);
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("The base URL holds no user name or password.");
  }
  if (url.search !== "" || url.hash !== "") {
    return refuse("The base URL ends before any ? or #.");
  }
  return representable("The base URL", `${url.origin}${url.pathname.replace(/\/+$/, "")}`);
}

/** The callback URL that has to be registered at the provider, letter for letter. */
export function callbackUrl(baseUrl: string): string {
  return `${baseUrl}${CALLBACK_PATH}`;
}

/** Whether only this machine reaches the address. */
export function isOnThisMachine(baseUrl: string): boolean {
  return isLoopback(new URL(baseUrl).hostname);
}

/**
 * The port that the server must listen on for an http address to be true; `undefined` for https, which a proxy serves.
 */
export function listeningPort(baseUrl: string): number | undefined {
  const url = new URL(baseUrl);
  return url.protocol === "http:" ? Number(url.port || 80) : undefined;
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
