import type { IncomingMessage, ServerResponse } from "node:http";
import type { EndpointResponse } from "../endpoint.ts";

/** A page for a person who opens an address that is meant for programs. Its status is the caller's to choose. */
export type PeoplesPage = (request: IncomingMessage) => Promise<EndpointResponse>;

/** `text/html` by name. Programs send none, or a wildcard (RFC 9110 section 12.5.1). */
const HTML = /(?:^|,)\s*text\/html\s*(?:;([^,]*))?(?=,|$)/i;

/** Longer ones are no browser's. */
const MAX_ACCEPT_LENGTH = 1000;

/** Whether a request is a browser's that shows what comes to a person. MCP clients also accept event streams. */
export function isFromPerson({ method, headers }: IncomingMessage): boolean {
  const { accept = "" } = headers;
  if (method !== "GET" || accept.length > MAX_ACCEPT_LENGTH || accept.includes("text/event-stream")) {
    return false;
  }
  const found = HTML.exec(accept);
  return found !== null && !/;?\s*q=0(?:\.0*)?\s*(?:;|$)/i.test(found[1] ?? "");
}

/** Adds to what a response varies by. */
export function varyBy(response: ServerResponse, name: string): void {
  const known = response.getHeader("Vary");
  response.setHeader("Vary", known === undefined ? name : `${known}, ${name}`);
}

/** Sends a page with `status`. Headers set before, such as a challenge, stay. */
export function sendPage(response: ServerResponse, status: number, { headers = {}, body }: EndpointResponse): void {
  if (response.headersSent || response.destroyed) {
    return;
  }
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
  varyBy(response, "Accept, Accept-Language");
  response.statusCode = status;
  response.end(body !== undefined && "text" in body ? body.text : undefined);
}
