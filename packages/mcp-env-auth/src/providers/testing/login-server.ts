import { createHash } from "node:crypto";
import { type McpClient, postForm } from "../../proxy/testing/mcp-client.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import type { DeclaredProvider } from "../declaration.ts";
import { OIDCProxy } from "../oidc.ts";
import { type OidcStandIn, type OidcStandInOptions, startOidcStandIn } from "./oidc-stand-in.ts";
import { type ProtectedServer, protectServer } from "./protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./stand-in.ts";

export const AUDIENCE = "https://weather.example.com/api";

type Claims = Record<string, unknown>;

/** The claims of an access token as Keycloak's is without the client scope `basic`: no `sub`. */
export const withoutSub = (claims: Claims = {}) => ({ aud: AUDIENCE, azp: CLIENT_ID, scope: "openid", ...claims });

/** The `at_hash` of an access token next to an id token that is signed with RS256. */
export const halfHash = (text: string) =>
  createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");

/** Makes the signature of a JWT somebody else's. */
export const forged = (jwt: string) =>
  [...jwt.split(".").slice(0, 2), Buffer.alloc(256, 1).toString("base64url")].join(".");

/** A refresh at another process than the client's. */
export const refreshAt = (server: ProtectedServer, client: McpClient, refreshToken: string) =>
  postForm(`${server.address}/token`, {
    ...{ grant_type: "refresh_token", refresh_token: refreshToken, resource: client.server.options.resource },
    ...{ client_id: client.id, client_secret: client.secret },
  });

export interface LoginServer {
  readonly standIn: OidcStandIn;
  readonly server: ProtectedServer;
  /** The same server in another process, with `variables` over the earlier ones. */
  restart(variables?: Record<string, string>): Promise<ProtectedServer>;
  /** The provider's keys can't be fetched, until `mendKeys`. Only before the first login are none known. */
  breakKeys(): void;
  /** Also waits, by the clock, until they are fetched again. */
  mendKeys(): void;
}

/** A server that logs users in at an OpenID provider, whose access tokens have no `sub` by default. */
export async function startLoginServer(
  options: Partial<OidcStandInOptions>,
  provider: DeclaredProvider = OIDCProxy,
  variables: Record<string, string> = {},
): Promise<LoginServer> {
  let advanced = 0;
  const clock = () => Date.now() / 1000 + advanced;
  const standIn = await startOidcStandIn({ claims: (_grant, iss) => withoutSub({ iss }), ...options });
  const settings = { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...variables };
  const store = createMemoryGuardStore({ clock });
  const server = await protectServer(provider, settings, { store, clock });
  return {
    standIn,
    server,
    restart: (changes = {}) =>
      protectServer(provider, { ...settings, BASE_URL: server.address, ...changes }, { store, clock }),
    breakKeys: () => standIn.override("/jwks.json", () => ({ status: 503, text: "" })),
    mendKeys() {
      standIn.override("/jwks.json");
      advanced += 5;
    },
  };
}
