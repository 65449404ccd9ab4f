import { createSigner, type Signer } from "../../upstream/testing/signer.ts";
import { CLIENT_ID, type Grant, type Route, type StandIn, startStandIn } from "./stand-in.ts";

export interface OidcStandInOptions {
  /** The issuer's path, `""` for none. */
  readonly path?: string;
  /** The issuer in the document and the tokens. Default: where the document is. */
  readonly issuer?: string;
  readonly jwksPath?: string;
  readonly authorizePath?: string;
  readonly tokenPath?: string;
  /** The claims of access tokens, beside `exp` and `iat`. */
  claims(grant: Grant, issuer: string): Record<string, unknown>;
  /** Claims of id tokens over those of a login; `null` sends no id token. Default: the access token's `sub`. */
  idTokenClaims?(grant: Grant, accessToken: string): Record<string, unknown> | null;
  /** What becomes of an id token once it is signed. Default: nothing. */
  mangleIdToken?(idToken: string, grant: Grant): string;
  /** Members of the token endpoint's answers, over the usual ones. */
  answer?(grant: Grant): Record<string, unknown>;
  readonly machines?: readonly string[];
  readonly revocationPath?: string;
  /** What signs access tokens, with a published key of its own. Default: what signs id tokens. */
  readonly accessTokenSigner?: Signer;
  /** Members of the discovery document, over the usual ones. */
  document?(origin: string): Record<string, unknown>;
  /** What signs id tokens. Default: the published key, as for access tokens. */
  readonly idTokenSigner?: Signer;
  readonly scopesSupported?: readonly string[];
  readonly otherRoutes?: Readonly<Record<string, Route>>;
}

export interface OidcStandIn extends StandIn {
  readonly issuer: string;
  readonly configUrl: string;
  readonly signer: Signer;
}

/** An OpenID provider whose access tokens are JWTs. */
export async function startOidcStandIn(options: OidcStandInOptions): Promise<OidcStandIn> {
  const { path = "", jwksPath = "/jwks.json", authorizePath = "/authorize", tokenPath = "/token" } = options;
  const signer = await createSigner("key-1", "RS256");
  const now = () => Math.floor(Date.now() / 1000);
  let issuer = "";
  const standIn = await startStandIn({
    authorizePath,
    tokenPath,
    machines: options.machines ?? [],
    async issue(grant) {
      const times = { iat: now(), exp: now() + 3600 };
      const claims = options.claims(grant, issuer);
      const accessToken = await (options.accessTokenSigner ?? signer).sign({ ...times, ...claims });
      const ownClaims = options.idTokenClaims === undefined ? {} : options.idTokenClaims(grant, accessToken);
      const idTokenClaims = {
        iss: issuer,
        sub: claims.sub ?? "alice",
        aud: CLIENT_ID,
        ...times,
        ...(grant.nonce && { nonce: grant.nonce }),
        ...ownClaims,
      };
      const idToken = await (options.idTokenSigner ?? signer).sign(idTokenClaims);
      return {
        access_token: accessToken,
        ...(ownClaims !== null && { id_token: options.mangleIdToken?.(idToken, grant) ?? idToken }),
        token_type: "Bearer",
        expires_in: 3600,
        refresh_token: `refresh-${grant.refreshes}`,
        ...options.answer?.(grant),
      };
    },
    routes: (origin) => ({
      [jwksPath]: () => ({
        json: { keys: [signer, options.accessTokenSigner].flatMap((found) => found?.jwk ?? []) },
      }),
      [`${path}/.well-known/openid-configuration`]: () => ({
        json: {
          issuer,
          authorization_endpoint: origin + authorizePath,
          token_endpoint: origin + tokenPath,
          jwks_uri: origin + jwksPath,
          ...(options.revocationPath !== undefined && { revocation_endpoint: origin + options.revocationPath }),
          scopes_supported: options.scopesSupported ?? ["openid"],
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          ...options.document?.(origin),
        },
      }),
      ...options.otherRoutes,
    }),
  });
  issuer = options.issuer ?? `${standIn.origin}${path}`;
  return { ...standIn, issuer, configUrl: `${standIn.origin}${path}/.well-known/openid-configuration`, signer };
}
