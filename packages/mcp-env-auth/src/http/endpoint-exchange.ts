import type { Request, Response } from "express";
import type { EndpointCookie, EndpointRequest, EndpointResponse } from "../endpoint.ts";
import { clientAddress } from "./client-address.ts";

/** The request as endpoints see it. Its body is what the parsers have left in `request.body`. */
export function toEndpointRequest(request: Request): EndpointRequest {
  return {
    method: request.method,
    path: request.path,
    query: queryOf(request.originalUrl),
    headers: distinctHeaders(request.rawHeaders),
    cookies: parseCookies(request.headers.cookie ?? ""),
    body: request.body,
    prefersHtml: request.accepts(["json", "html"]) === "html",
    clientAddress: clientAddress(request),
  };
}

/** Writes what an endpoint answers. JSON is written by the app's own settings, such as `etag`. */
export function sendEndpointResponse(response: Response, { status, headers, cookies, body }: EndpointResponse): void {
  for (const cookie of cookies ?? []) {
    response.append("Set-Cookie", setCookieLine(cookie));
  }
  setHeaders(response, headers);
  response.status(status);
  if (body === undefined) {
    response.end();
  } else if ("json" in body) {
    response.json(body.json);
  } else {
    response.end(body.text);
  }
}

/** Sets headers; `Vary` adds to what a response varies by already. */
export function setHeaders(response: Response, headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name === "Vary") {
      response.vary(value);
    } else {
      response.setHeader(name, value);
    }
  }
}

function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}

// Not `headersDistinct`: in some versions of Node.js that are supported, a header named __proto__ breaks it.
function distinctHeaders(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null);
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]];
    headers[name] ??= [];
    headers[name].push(value);
  }
  return headers;
}

function setCookieLine({ name, value, maxAge, secure }: EndpointCookie): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure ? "; Secure" : ""}`;
}

/** The characters that name and value may have (RFC 6265 section 4.1.1); a quoted value is left out. */
const PAIR = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#-+\--:<-[\]-~]*)[ \t]*$/;

/** The pairs of a `Cookie` header (RFC 6265 section 4.2.1), in order and with repeats. Invalid pairs are left out. */
export function parseCookies(header: string): readonly (readonly [name: string, value: string])[] {
  return header.split(";").flatMap((pair) => {
    const [, name, value] = PAIR.exec(pair) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}
