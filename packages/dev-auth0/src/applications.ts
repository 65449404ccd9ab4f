import type { JWK } from "jose";
import { isLoopbackUrl } from "./loopback.ts";

/** How an application proves who it is at the token endpoint. */
export type ClientAuthenticationMethod = "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none";

/** Auth0's application types: Regular Web, Single Page, Native, Machine to Machine, Custom API Client. */
export type ApplicationType = "regular_web" | "spa" | "native" | "machine" | "resource_server";

export type GrantType = "authorization_code" | "refresh_token" | "client_credentials" | typeof TOKEN_EXCHANGE;

/** RFC 8693 section 2.1. */
export const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

/** An application as registered at Auth0. */
export interface Application {
  readonly clientId: string;
  /** Required where it is checked. A `spa` or `native` application has one at Auth0 as well, and must not send it. */
  readonly clientSecret?: string;
  readonly type: ApplicationType;
  /** Shown at login and consent. Default: the client id. */
  readonly name?: string;
  /** "Allowed Callback URLs", compared as strings. Default: any `http` URL on a loopback host. */
  readonly callbacks?: readonly string[];
  /** "Allowed Logout URLs". Default: any `http` URL on a loopback host. */
  readonly logoutUrls?: readonly string[];
  /** Default: by type `none`, or either of the secret methods. */
  readonly tokenEndpointAuthMethod?: ClientAuthenticationMethod;
  /** The public keys (JWK) of an application that authenticates by `private_key_jwt`. */
  readonly publicKeys?: readonly JWK[];
  /** Default: by type. */
  readonly grantTypes?: readonly GrantType[];
  /**
   * Whether users log in through an organization: never, as the request says, or always. Auth0's own default is `deny`;
   * here `allow`.
   */
  readonly organizationUsage?: "deny" | "allow" | "require";
  /**
   * Of an application that requires one: what becomes of a login without `organization`. It is refused, or its user is
   * asked before the login or after it. Default `no_prompt`.
   */
  readonly organizationRequireBehavior?: "no_prompt" | "pre_login_prompt" | "post_login_prompt";
  /**
   * Whether a machine's token is for an organization. Auth0's own default is `deny`; here `allow`, for any
   * organization.
   */
  readonly machineOrganizationUsage?: "deny" | "allow" | "require";
  /** Those that a machine may have a token for. Default: any. */
  readonly machineOrganizations?: readonly string[];
  /** A first-party application needs no consent. Default true. */
  readonly firstParty?: boolean;
  /**
   * Of a third-party application. `strict`: a grant for each API, PKCE, no scopes of OpenID Connect, no id token, few
   * parameters, and errors on a page. Default `strict`, as at Auth0 since 2026; older tenants also have `permissive`.
   */
  readonly securityMode?: "strict" | "permissive";
  /** Whether a secret sent by an application that has none is refused (401). Default true. */
  readonly rejectSecret?: boolean;
  /** Of type `resource_server`: the identifier of the API that it belongs to. It exchanges tokens for that API. */
  readonly resourceServer?: string;
  /**
   * What it may be given at APIs as a user, by API identifier ("User-Delegated Access"). Default: every scope of every
   * API; of a strict third-party application what the API gives to all of those.
   */
  readonly userGrants?: Readonly<Record<string, readonly string[]>>;
  /**
   * What a machine is allowed, by API identifier. Default: every scope of every API for type `machine`, else nothing.
   */
  readonly clientGrants?: Readonly<Record<string, readonly string[]>>;
}

export const DEFAULT_APPLICATION: Application = {
  clientId: "dev-auth0-client",
  clientSecret: "dev-auth0-client-secret",
  type: "regular_web",
  name: "Development application",
};

export const DEFAULT_SPA: Application = {
  clientId: "dev-auth0-spa",
  clientSecret: "dev-auth0-spa-secret",
  type: "spa",
  name: "Development single page application",
};

export const DEFAULT_APPLICATIONS: readonly Application[] = [
  DEFAULT_APPLICATION,
  DEFAULT_SPA,
  {
    clientId: "dev-auth0-machine",
    clientSecret: "dev-auth0-machine-secret",
    type: "machine",
    name: "Development machine",
  },
];

/** Whether the application proves who it is with a secret (RFC 6749 section 2.1). */
export function isConfidential({ type, tokenEndpointAuthMethod }: Application): boolean {
  if (tokenEndpointAuthMethod !== undefined) {
    return tokenEndpointAuthMethod !== "none";
  }
  return type === "regular_web" || type === "machine" || type === "resource_server";
}

export function grantTypes(application: Application): readonly GrantType[] {
  if (application.grantTypes !== undefined) {
    return application.grantTypes;
  }
  if (application.type === "resource_server") {
    return [TOKEN_EXCHANGE];
  }
  if (application.type === "machine") {
    return ["client_credentials"];
  }
  const interactive: GrantType[] = ["authorization_code", "refresh_token"];
  return application.type === "regular_web" ? [...interactive, "client_credentials"] : interactive;
}

/** Whether Auth0's enhanced security controls for third-party applications hold. */
export function isStrict({ firstParty = true, securityMode = "strict" }: Application): boolean {
  return !firstParty && securityMode === "strict";
}

/** Whether the application may have the browser sent to `url`. */
export function allowsUrl(allowed: readonly string[] | undefined, url: string): boolean {
  return allowed === undefined ? isPlainLoopbackUrl(url) : allowed.includes(url);
}

/** @throws Error with a sentence that says what to change. */
export function checkApplication(application: Application): void {
  if (application.tokenEndpointAuthMethod === "private_key_jwt") {
    if (application.publicKeys?.length) {
      return;
    }
    throw new Error(`The application ${application.clientId} authenticates by private_key_jwt: give it publicKeys.`);
  }
  if (isConfidential(application) && !application.clientSecret) {
    throw new Error(
      `The application ${application.clientId} authenticates with a secret: give it a clientSecret, or tokenEndpointAuthMethod "none".`,
    );
  }
}

function isPlainLoopbackUrl(url: string): boolean {
  if (!isLoopbackUrl(url)) {
    return false;
  }
  const { protocol, username, password } = new URL(url);
  return protocol === "http:" && username === "" && password === "" && !url.includes("#");
}
