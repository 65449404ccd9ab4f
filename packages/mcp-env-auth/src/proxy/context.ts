import type { ProofVerifier } from "../dpop/proof.ts";
import { OAUTH_METADATA } from "../endpoint.ts";
import type { Site } from "../pages/site.ts";
import type { Keyring } from "../sealing/keyring.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { ClientResolver } from "./clients/client.ts";
import type { AssertionVerifier } from "./clients/client-assertion.ts";
import type { ClientMetadataRules } from "./clients/client-metadata.ts";
import type { DocumentReach } from "./clients/documents/document-reach.ts";
import type { RedirectPolicy } from "./clients/redirect-policy.ts";
import type { ProviderLimits } from "./grants/provider-limits.ts";
import type { CookieNames } from "./login/cookies.ts";
import type { OAuthProxyOptions } from "./options.ts";
import { unavailable } from "./protocol/outages.ts";
import type { IssuedTokens } from "./tokens/issued-tokens.ts";
import type { LoginRecords } from "./tokens/login-records.ts";

/** The absolute URLs of the proxy's endpoints, all made from BASE_URL. */
export interface ProxyUrls {
  readonly authorization: string;
  readonly callback: string;
  readonly consent: string;
  readonly keys: string;
  readonly metadata: string;
  readonly registration: string;
  readonly revocation: string;
  readonly token: string;
}

/** The identity provider once it is known, and the keys that are bound to it. */
export interface ProviderSession {
  readonly upstream: Upstream;
  readonly keyring: Keyring;
}

/** What the proxy's endpoints share. */
export interface ProxyContext {
  readonly options: OAuthProxyOptions;
  readonly site: Site;
  readonly urls: ProxyUrls;
  /** Seals registrations: bound to the issuer alone, so that they outlive a change of provider or epoch. */
  readonly clientKeyring: Keyring;
  readonly resolveClient: ClientResolver;
  /** Whether documents of clients can be fetched from here. */
  readonly documents: DocumentReach;
  readonly verifyAssertion: AssertionVerifier;
  readonly verifyProof: ProofVerifier;
  readonly issuedTokens: IssuedTokens;
  /** Absent: nobody could list them. */
  readonly loginRecords: LoginRecords | undefined;
  readonly providerLimits: ProviderLimits;
  readonly redirectPolicy: RedirectPolicy;
  /** What a client that registers now is held to. */
  registrationRules(): ClientMetadataRules;
  readonly cookieNames: CookieNames;
  /** The provider, or `undefined` until it is known. */
  providerSession(): ProviderSession | undefined;
}

/** Where the alias of the metadata says that keys are. */
export const KEYS_PATH = "/.well-known/jwks";

/** The URLs of the endpoints under `baseUrl`, which has no trailing slash. */
export function proxyUrls(baseUrl: string, redirectPath: string): ProxyUrls {
  return {
    authorization: `${baseUrl}/authorize`,
    callback: `${baseUrl}${redirectPath}`,
    consent: `${baseUrl}/consent`,
    keys: `${baseUrl}${KEYS_PATH}`,
    metadata: `${baseUrl}${OAUTH_METADATA}`,
    registration: `${baseUrl}/register`,
    revocation: `${baseUrl}/revoke`,
    token: `${baseUrl}/token`,
  };
}

/** The provider and its keys. @throws OAuthError 503 until it is known. */
export function requireProvider(context: ProxyContext): ProviderSession {
  const session = context.providerSession();
  if (session === undefined) {
    const trouble = context.options.upstreamTrouble?.();
    const found = trouble === undefined ? "" : ` (its address ${trouble})`;
    throw unavailable(
      `The server is not connected to its identity provider yet${found}. Try again in a few seconds; if this lasts, the server's log says why.`,
    );
  }
  return session;
}
