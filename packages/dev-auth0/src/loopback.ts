import type { RequestHandler } from "express";

const LOOPBACK_HOSTNAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** Whether the URL's host can only be this machine. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && LOOPBACK_HOSTNAMES.includes(new URL(url).hostname);
}

/** Refuses requests under another name, which only a page that rebinds DNS would send. */
export const requireLoopbackHost: RequestHandler = (request, response, next) => {
  if (isLoopbackUrl(`http://${request.headers.host ?? ""}`)) {
    next();
  } else {
    response.status(403).type("text").send("dev-auth0 answers on 127.0.0.1 and localhost only.");
  }
};

/**
 * Lets any page read public documents, and pages on this machine talk to the endpoints that a browser application
 * needs.
 */
export function allowOrigins(which: "any" | "loopback"): RequestHandler {
  return (request, response, next) => {
    const origin = request.headers.origin ?? "";
    if (which === "loopback") {
      response.vary("Origin");
    }
    if (which === "any") {
      response.set("Access-Control-Allow-Origin", "*");
    } else if (isLoopbackUrl(origin)) {
      response.set("Access-Control-Allow-Origin", origin);
    }
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    response.set("Access-Control-Allow-Methods", "GET, POST");
    response.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Auth0-Client");
    response.status(204).end();
  };
}
