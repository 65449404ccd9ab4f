import { timingSafeEqualStrings } from "../../lib/secrets.ts";
import type { Client } from "../clients/client.ts";
import { isAllowedHost, isUrlClientId, problemOfDocumentUrl } from "../clients/documents/document-url.ts";
import type { ProxyContext } from "../context.ts";
import { identityHash } from "../tokens/sealed-tokens.ts";

/**
 * Finds the client of a session by its refresh token alone, if the client id is a metadata document that said `none`
 * when the session began. Such a client has nothing to prove, so the document isn't fetched: while its host lets nobody
 * in, sessions go on. The operator's list of hosts still counts.
 *
 * @returns `undefined` where the client has to be authenticated.
 */
export async function findSessionClient(
  { options, issuedTokens, providerSession }: ProxyContext,
  clientId: string,
  refreshToken: string | undefined,
): Promise<Client | undefined> {
  const session = providerSession();
  if (session === undefined || refreshToken === undefined || !isUsableUrl(clientId, options.clientIdMetadataHosts)) {
    return undefined;
  }
  const grant = await issuedTokens.open(session.keyring, "refresh", refreshToken);
  const hash = identityHash(clientId);
  if (grant?.publicClient !== true || !timingSafeEqualStrings(grant.clientHash, hash)) {
    return undefined;
  }
  return { id: clientId, hash, authMethods: ["none"], redirectUris: [], metadataHost: new URL(clientId).host };
}

function isUsableUrl(clientId: string, hosts: readonly string[] | undefined): boolean {
  return isUrlClientId(clientId) && problemOfDocumentUrl(clientId) === undefined && isAllowedHost(clientId, hosts);
}
