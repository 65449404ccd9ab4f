import { discoverOAuthServerInfo } from "@modelcontextprotocol/client";
import type { KeptTokens } from "./kept-tokens.ts";
import type { RemoteFetch } from "./remote-fetch.ts";

/**
 * Ends the session at the server (RFC 7009) and forgets it here.
 *
 * @returns False when there was none.
 * @throws Error when the server did not hear of it; here it is forgotten all the same.
 */
export async function logOut(url: URL, credentials: KeptTokens, send: RemoteFetch): Promise<boolean> {
  const { client, tokens } = credentials.read();
  credentials.clear();
  const token = tokens?.refresh_token ?? tokens?.access_token;
  if (client === undefined || token === undefined) {
    return false;
  }
  const { authorizationServerMetadata: server } = await discoverOAuthServerInfo(url, { fetchFn: send });
  const endpoint = server !== undefined && "revocation_endpoint" in server ? server.revocation_endpoint : undefined;
  if (typeof endpoint !== "string" || server?.issuer !== tokens?.issuer) {
    throw new Error("The authorization server offers no revocation, so the session there ends when it expires.");
  }
  const response = await send(endpoint, {
    method: "POST",
    body: new URLSearchParams({ token, client_id: client.client_id }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`The authorization server did not end the session (HTTP ${response.status}).`);
  }
  return true;
}
