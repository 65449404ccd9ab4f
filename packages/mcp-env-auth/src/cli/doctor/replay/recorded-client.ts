/** Where a recording comes from. */
export type RecordingSource =
  /** The tests run this version and compare its requests with the replay's. */
  | { readonly kind: "run"; readonly version: string }
  /** It was recorded, and the tests can't run it. */
  | { readonly kind: "recorded"; readonly url: string; readonly date: string };

/** A request to the MCP endpoint without a token. */
export interface Probe {
  readonly method: "POST" | "GET";
  /** The method of JSON-RPC. */
  readonly rpc?: "initialize" | "server/discover" | "prompts/get";
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * How a client discovers a server, registers and begins a login: enough to send what it sends, in its order, and to
 * stop where it stops.
 */
export interface RecordedClient {
  /** What `doctor --as` calls it. */
  readonly name: string;
  readonly title: string;
  readonly source: RecordingSource;
  /** Its requests come from the internet, not from the user's machine. */
  readonly isHosted?: true;
  /** It is a web page of this origin, so it reads only what CORS allows. */
  readonly origin?: string;
  readonly probes: readonly Probe[];
  readonly resourceMetadata: {
    /** Whether it fetches the document that the challenge names first, and no other then. */
    readonly challenge: "first" | "only" | "ignored";
    /** The addresses that it tries otherwise, in this order, with the parts of its URL; see {@link expandAddress}. */
    readonly addresses: readonly string[];
    /** The `resource` that it accepts: its own URL, one above it, or any. */
    readonly resource: "exact" | "parent" | "any";
    /** Without the document it takes the origin or the URL of the server for the authorization server, or it stops. */
    readonly otherwise: "origin" | "url" | "stop";
  };
  readonly serverMetadata: {
    /** The addresses that it tries, in this order, with the parts of the issuer. */
    readonly addresses: readonly string[];
    readonly checksIssuer: boolean;
    /** Members without which it stops. */
    readonly requires: readonly string[];
    /** Members of OpenID Connect's document without which it stops, where it found that one. */
    readonly requiresOfOpenid?: readonly string[];
    /** Without metadata it assumes `/authorize`, `/token` and `/register` at the root, or it stops. */
    readonly otherwise: "defaults" | "stop";
  };
  /** Whether it follows redirects of the documents above: all, those to the same origin, or none. */
  readonly followsRedirects: "all" | "same origin" | "none";
  readonly headers: Readonly<Record<string, string>>;
  readonly registration: {
    /** Its metadata document, which it prefers where the server says that it fetches such documents. */
    readonly document?: string;
    /** What it registers; `scope` is added where it is asked for. */
    readonly request?: Readonly<Record<string, unknown>>;
    /** Whether the registration names the scopes of the login. */
    readonly namesScope?: true;
  };
  readonly login: {
    readonly redirectUri: string;
    /**
     * Those of the challenge or else of the resource metadata; of that only; all that the authorization server lists;
     * none.
     */
    readonly scope: "challenge" | "metadata" | "all" | "none";
    /** Added where the authorization server lists it. */
    readonly offlineAccess?: true;
    /** With `prompt=consent` where it asks for `offline_access`. */
    readonly promptsConsent?: true;
    readonly resource: "always" | "with metadata" | "never";
    readonly stateLength?: number;
  };
}

/** What clients register to log users in and to refresh. */
export const LOGIN_GRANTS: readonly string[] = ["authorization_code", "refresh_token"];

/** RFC 8414 section 3.1 and 5, and OpenID Connect Discovery 1.0 section 4: the addresses that clients agree on. */
export const USUAL_ADDRESSES: readonly string[] = [
  "{origin}/.well-known/oauth-authorization-server{path}",
  "{origin}/.well-known/openid-configuration{path}",
  "{origin}{path}/.well-known/openid-configuration",
];

/** RFC 9728 section 3.1. */
export const RESOURCE_ADDRESSES: readonly string[] = [
  "{origin}/.well-known/oauth-protected-resource{path}",
  "{origin}/.well-known/oauth-protected-resource",
];

/**
 * An address of metadata with the parts of a URL in it: `{origin}`; `{path}` without a slash at its end; `{rawPath}` as
 * it stands; `{trimmedPath}` without slashes around it.
 */
export function expandAddress(template: string, url: string): string {
  const { origin, pathname } = new URL(url);
  const parts: Readonly<Record<string, string>> = {
    origin,
    path: pathname.replace(/\/+$/, ""),
    rawPath: url.startsWith(origin) ? url.slice(origin.length) : pathname,
    trimmedPath: pathname.replace(/^\/+|\/+$/g, ""),
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? "");
}
