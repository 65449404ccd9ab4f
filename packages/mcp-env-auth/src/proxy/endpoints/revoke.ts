import type { Endpoint } from "../../endpoint.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import type { Client } from "../clients/client.ts";
import { type ProviderSession, type ProxyContext, requireProvider } from "../context.ts";
import { authenticateClient } from "../grants/client-authentication.ts";
import { findUnissued } from "../grants/resumable-exchange.ts";
import { findSessionClient } from "../grants/session-client.ts";
import { answeringStoreOutages, unavailable } from "../protocol/outages.ts";
import { readUniqueParameters, requireParameter } from "../protocol/parameters.ts";
import { denyFamily, denyToken } from "../tokens/denials.ts";
import type { RefreshGrant } from "../tokens/sealed-tokens.ts";

/**
 * Token revocation (RFC 7009). A refresh token ends its whole family and is revoked at the provider; an access token
 * ends by itself. What is no token of this client is none of its business, and answered with 200 all the same.
 */
export function createRevocationEndpoint(context: ProxyContext): Endpoint {
  return {
    path: "/revoke",
    methods: ["POST"],
    body: "form or json",
    crossOrigin: true,
    limit: "requests",
    headers: { "Cache-Control": "no-store" },
    handle: answeringStoreOutages(async (request) => {
      const parameters = readUniqueParameters(request);
      const { client, useAssertion } = await authenticateClient(
        context,
        context.urls.revocation,
        request,
        parameters,
        (_, clientId) => findSessionClient(context, clientId, parameters.get("token")),
      );
      const provider = requireProvider(context);
      const token = requireParameter(parameters, "token");
      await useAssertion();
      await revoke(context, provider, client, token);
      return { status: 200 };
    }),
  };
}

async function revoke(context: ProxyContext, session: ProviderSession, client: Client, token: string): Promise<void> {
  const { options, issuedTokens } = context;
  const refresh = await issuedTokens.open(session.keyring, "refresh", token);
  if (refresh?.clientHash === client.hash) {
    await revokeFamily(context, session, refresh);
    return;
  }
  const access = await issuedTokens.open(session.keyring, "access", token);
  if (access?.clientHash === client.hash && access.expiresAt > options.clock()) {
    await denyToken(options, access);
    options.logger.info({ event: "access-token-revoked", login: access.family }, "A client revoked an access token");
  }
}

async function revokeFamily(context: ProxyContext, session: ProviderSession, grant: RefreshGrant): Promise<void> {
  const { options } = context;
  await denyFamily(options, grant.family, grant.loginTime + options.sessionTtl, grant.subjectHash);
  options.logger.info({ event: "session-revoked", login: grant.family }, "A client revoked its refresh token");
  // Where a refresh stopped halfway, the provider's refresh token is a newer one than the client's.
  const unissued = await findUnissued(context, session, grant.tokenId);
  try {
    await session.upstream.client.revoke(unissued?.refreshToken ?? grant.providerToken, "refresh_token");
  } catch (error) {
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    options.logger.warn({ event: "provider-revocation-failed", login: grant.family, kind: error.kind }, error.message);
    throw unavailable("The session has ended here, but not at the identity provider. Try again in a moment.", error);
  }
}
