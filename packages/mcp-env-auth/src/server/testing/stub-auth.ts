import { createHmac } from "node:crypto";
import type { AccessToken } from "../../access-token.ts";
import { OAuthError } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";

/** A provider whose tokens are what `read` takes from them; it returns `undefined` for a token that is not good. */
export function stubAuth(read: (token: string) => Partial<AccessToken> | undefined): AuthProvider {
  return {
    baseUrl: new URL("http://127.0.0.1"),
    authenticate: () => ({
      resource: "http://127.0.0.1/mcp",
      requiredScopes: [],
      authorizationServers: [],
      verifier: {
        async verify(token: string) {
          const known = read(token);
          if (known === undefined) {
            throw new OAuthError("invalid_token", "Unknown.");
          }
          return { token, clientId: "client-1", scopes: [], expiresAt: 2e9, claims: {}, subject: token, ...known };
        },
      },
      mac: (label: string, data: string) => createHmac("sha256", label).update(data).digest(),
      endpoints: [],
      start: async () => {},
      ready: () => true,
      close: async () => {},
    }),
  };
}
