import { createSigner } from "../../upstream/testing/signer.ts";
import { type Route, type StandIn, startStandIn } from "./stand-in.ts";

export interface JwtIssuer extends StandIn {
  /** Signs an access token that is good for an hour, with claims over the usual ones. */
  sign(claims: Record<string, unknown>): Promise<string>;
}

/** An authorization server at which clients register themselves: keys, metadata, and tokens as told. */
export async function startJwtIssuer(
  paths: { readonly jwks: string; readonly metadata: string },
  metadata: (origin: string) => Record<string, unknown>,
  algorithm = "RS256",
): Promise<JwtIssuer> {
  const signer = await createSigner("key-1", algorithm);
  const standIn = await startStandIn({
    authorizePath: "/authorize",
    tokenPath: "/token",
    issue: () => ({}),
    routes: (origin): Readonly<Record<string, Route>> => ({
      [paths.jwks]: () => ({ json: { keys: [signer.jwk] } }),
      [paths.metadata]: () => ({ json: metadata(origin) }),
    }),
  });
  return {
    ...standIn,
    sign(claims) {
      const now = Math.floor(Date.now() / 1000);
      return signer.sign({ sub: "alice", client_id: "mcp-client", iat: now, exp: now + 3600, ...claims });
    },
  };
}
