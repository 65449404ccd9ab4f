/** All that anybody may ask the server for, and what it does not have. */
export const PATHS = [
  "/",
  "/none",
  "/healthz",
  "/readyz",
  "/mcp",
  "/mcp/",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration",
  "/register",
  "/authorize",
  "/consent",
  "/auth/callback",
  "/token",
  "/revoke",
] as const;

export const FORM = "application/x-www-form-urlencoded";

export interface RequestText {
  readonly method?: string;
  readonly path?: string;
  readonly version?: "1.0" | "1.1";
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A request as it goes over the wire. */
export function requestText({ method = "GET", path = "/", version = "1.1", headers = [], body }: RequestText): string {
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const lines = [`${method} ${path} HTTP/${version}`, "Host: 127.0.0.1", ...headers, ...length, "", body ?? ""];
  return lines.join("\r\n");
}

/** One request to each path, in turn, until there are so many. */
export function toEveryPath(count: number, request: Omit<RequestText, "path"> = {}): string {
  const texts = PATHS.map((path) => requestText({ ...request, path }));
  return Array.from({ length: count }, (_, index) => texts[index % texts.length]).join("");
}
