import type { Endpoint, EndpointRequest, EndpointResponse } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { parseCookies } from "../../http/endpoint-exchange.ts";

export interface EndpointCall {
  /** Default POST with `form` or `json`, else GET. */
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A list for a header that is sent more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly cookie?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly prefersHtml?: boolean;
}

/** Calls the endpoint at `path` as the HTTP layer would, without HTTP. Rejects as the endpoint does. */
export function callEndpoint(
  endpoints: readonly Endpoint[],
  path: string,
  call: EndpointCall = {},
): Promise<EndpointResponse> {
  const endpoint = endpoints.find((each) => each.path === path);
  if (endpoint === undefined) {
    throw new Error(`There is no endpoint at ${path}.`);
  }
  return endpoint.handle(toRequest(path, call));
}

/** The JSON of a response, or of the protocol error that an endpoint rejects with (RFC 6749 section 5.2). */
export async function jsonOf(
  answer: Promise<EndpointResponse>,
): Promise<Pick<EndpointResponse, "status" | "headers"> & { readonly body: Record<string, unknown> }> {
  try {
    const { status, headers = {}, body } = await answer;
    if (body === undefined || !("json" in body)) {
      throw new Error("The response is not JSON.");
    }
    return { status, headers, body: body.json as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof OAuthError)) {
      throw error;
    }
    return { status: error.status, body: { error: error.code, error_description: error.message } };
  }
}

function toRequest(path: string, call: EndpointCall): EndpointRequest {
  const { query = {}, headers = {}, cookie = "", form, json, prefersHtml = false } = call;
  const body = form === undefined ? json : new URLSearchParams(form);
  return {
    method: call.method ?? (body === undefined ? "GET" : "POST"),
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
    cookies: parseCookies(cookie),
    body,
    prefersHtml,
    clientAddress: "192.0.2.1",
  };
}
