import { sha256Base64url } from "../../lib/secrets.ts";
import { createKeyring, type Keyring } from "../../sealing/keyring.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { identityHash } from "./sealed-tokens.ts";

/** The keyring of registrations. They survive a change of provider and of FASTMCP_TOKEN_EPOCH. */
export function createClientKeyring({ rootKeys, issuer }: OAuthProxyOptions): Keyring {
  return createKeyring(rootKeys, [issuer, "registration"]);
}

/** The keyring of registrations under retired keys, if there are any. */
export function createRetiredClientKeyring({ registrationKeys = [], issuer }: OAuthProxyOptions): Keyring | undefined {
  return registrationKeys.length > 0 ? createKeyring(registrationKeys, [issuer, "registration"]) : undefined;
}

/**
 * The keyring of everything that belongs to a login: bound to the provider, to our application there, and to the epoch.
 */
export function createSessionKeyring(options: OAuthProxyOptions, { client: { metadata } }: Upstream): Keyring {
  const provider = metadata.issuer ?? metadata.tokenEndpoint;
  return createKeyring(options.rootKeys, [
    options.issuer,
    "session",
    options.tokenEpoch,
    options.providerClassPath,
    provider,
    options.upstreamClientId,
  ]);
}

/** The secrets of one login at the provider. Both are derived from the login id, so that nothing has to carry them. */
export interface LoginSecrets {
  /** RFC 7636 section 4.1. */
  readonly codeVerifier: string;
  /** RFC 7636 section 4.2, S256. */
  readonly codeChallenge: string;
  /** OpenID Connect Core 1.0 section 3.1.2.1. */
  readonly nonce: string;
}

/**
 * The PKCE pair and the nonce of a login, under the root key it began with.
 *
 * @throws RangeError when that key is no longer accepted.
 */
export function deriveLoginSecrets(keyring: Keyring, loginId: string, keyId: string): LoginSecrets {
  const derive = (label: string) => Buffer.from(keyring.mac(label, loginId, keyId)).toString("base64url");
  const codeVerifier = derive("pkce verifier");
  return { codeVerifier, codeChallenge: sha256Base64url(codeVerifier), nonce: derive("nonce") };
}

/**
 * The id that ties together all tokens and all log lines of one login. Not a secret, and no way back to the login id.
 */
export function familyOf(loginId: string): string {
  return identityHash(`family ${loginId}`);
}
