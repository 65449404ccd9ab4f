import { discoverOAuthServerInfo } from "@modelcontextprotocol/client";
import type { CredentialsFile } from "./credentials-file.ts";
import { namedFetch } from "./named-fetch.ts";

/**
 * Ends the session at the server (RFC 7009) and forgets it here.
 *
 * @returns False when there was none.
 * @throws Error when the server did not hear of it; here it is forgotten all the same.
 */
export async function logOut(url: URL, credentials: CredentialsFile): Promise<boolean> {
  const { client, tokens } = credentials.read();
  credentials.clear();
  const token = tokens?.refresh_token ?? tokens?.access_token;
  if (client === undefined || token === undefined) {
    return false;
  }
  const { authorizationServerMetadata: server } = await discoverOAuthServerInfo(url, { fetchFn: namedFetch });
  const endpoint = server !== undefined && "revocation_endpoint" in server ? server.revocation_endpoint : undefined;
  if (typeof endpoint !== "string" || server?.issuer !== tokens?.issuer) {
    throw new Error("The authorization server offers no revocation, so the session there ends by itself.");
  }
  const response = await namedFetch(endpoint, {
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
