import type { Request } from "express";
import { OAuthError } from "./oauth-error.ts";

/** The parameters of a request, each a string. */
export type Parameters = Readonly<Partial<Record<string, string>>>;

/** Query parameters. @throws OAuthError when one is repeated (RFC 6749 section 3.1). */
export function queryParameters(request: Request): Parameters {
  return onlyStrings(request.query);
}

/** Parameters of a form or JSON body: Auth0 takes both. @throws OAuthError when one is repeated. */
export function bodyParameters(request: Request): Parameters {
  return onlyStrings(request.body ?? {});
}

/** @throws OAuthError that names what is missing, as Auth0 does. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === "") {
    throw new OAuthError(400, "invalid_request", `Missing required parameter: ${name}`);
  }
  return value;
}

/** A `scope` parameter as a list, without repeats (RFC 6749 section 3.3). */
export function scopeList(scope: string | undefined): string[] {
  return [...new Set((scope ?? "").split(" ").filter((entry) => entry !== ""))];
}

function onlyStrings(values: Record<string, unknown>): Parameters {
  const parameters: Partial<Record<string, string>> = Object.create(null);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "string") {
      throw new OAuthError(400, "invalid_request", `The parameter ${name} must be one string.`);
    }
    parameters[name] = value;
  }
  return parameters;
}
