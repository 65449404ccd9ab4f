import type { RequestHandler, Response } from "express";
import type { EndpointFault, EndpointName, ErrorFault, MetadataFault } from "./misbehaviour.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Tenant } from "./tenant.ts";

/** Makes one endpoint fail as the tenant is told to at the moment, before its handler runs. */
export function failingEndpoint(tenant: Tenant, name: EndpointName): RequestHandler {
  return (_request, response, next) => {
    const own = endpointFault(tenant.faults[name]);
    const handled = tenant.faults[name] !== undefined && own === undefined;
    const fault = handled ? undefined : (own ?? tenant.faults.everywhere);
    if (fault === undefined) {
      next();
    } else {
      fail(response, fault, next);
    }
  };
}

/** The OAuth error that an endpoint is told to answer with. */
export function errorFault(fault: EndpointFault | ErrorFault | undefined): OAuthError | undefined {
  if (typeof fault !== "object" || !("error" in fault)) {
    return undefined;
  }
  return new OAuthError(fault.status ?? 403, fault.error, fault.description ?? "dev-auth0 was told to refuse.");
}

function endpointFault(fault: EndpointFault | ErrorFault | MetadataFault | undefined): EndpointFault | undefined {
  if (typeof fault === "object" && ("error" in fault || "metadata" in fault)) {
    return undefined;
  }
  return fault;
}

function fail(response: Response, fault: EndpointFault, next: () => void): void {
  if (fault === "down") {
    response.socket?.destroy();
  } else if (fault === "half-open") {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
    response.write('{"');
  } else if (fault === "answer-lost") {
    response.end = () => {
      response.socket?.destroy();
      return response;
    };
    next();
  } else if (fault === "html") {
    response.type("html").send("<!doctype html><title>Maintenance</title><p>Back soon.</p>");
  } else if (typeof fault === "object" && "delay" in fault) {
    const timer = setTimeout(next, fault.delay);
    response.once("close", () => clearTimeout(timer));
  } else if (typeof fault === "object") {
    const body = fault.body ?? JSON.stringify({ error: fault.status === 429 ? "too_many_requests" : "server_error" });
    response
      .status(fault.status)
      .type("json")
      .set(fault.headers ?? {})
      .send(body);
  }
}
