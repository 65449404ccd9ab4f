import type { Proof } from "../../dpop/proof.ts";
import { OAuthError } from "../../errors.ts";
import { randomId } from "../../lib/secrets.ts";
import { canBeOf, machineOf } from "../../upstream/machine-token.ts";
import type { MachineCredentials, MachineTokenRequest } from "../../upstream/machine-tokens.ts";
import { UpstreamError, type UpstreamTokens } from "../../upstream/upstream-client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { carriedScopes } from "../protocol/effective-scopes.ts";
import { describable } from "../protocol/parameters.ts";
import { isAboutTarget, refusalAdvice } from "../protocol/refusal-advice.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { identityHash, openToken, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { askedScopes, isMachine, machineScopes } from "../verification/machines.ts";
import { challengingBasic, readCredentials } from "./client-authentication.ts";
import type { MachineGrant, MachineRequest } from "./grant.ts";
import { issueAccessToken, requireNotDenied } from "./issue-tokens.ts";
import { tokenResponse } from "./issued-response.ts";
import { readTokenProof } from "./proof-of-possession.ts";
import { readBasicCredentials } from "./read-basic-credentials.ts";
import { isTemporary, toTokenEndpointError } from "./upstream-errors.ts";

/** No application at a provider has a longer id. */
const MAX_CLIENT_ID_LENGTH = 255;

/** The client credentials grant (RFC 6749 section 4.4), for machines. */
export const clientCredentialsGrant: MachineGrant = {
  type: "client_credentials",
  isOffered: ({ options }) => options.machines !== undefined && options.machines.clients.length > 0,
  authenticates: "machine",
  grant: grantClientCredentials,
};

/**
 * The client credentials grant (RFC 6749 section 4.4) for machines: applications at the identity provider that the
 * configuration names. The provider judges their credentials, which pass through and are kept nowhere, and says what
 * they may do; the answer is a sealed token for this server alone, and no refresh token.
 *
 * @throws OAuthError `invalid_client` for wrong credentials: here they are the client's own at the provider.
 */
async function grantClientCredentials(
  context: ProxyContext,
  { provider: session, request, parameters }: MachineRequest,
): Promise<TokenResponse> {
  const basic = readBasicCredentials(request);
  const credentials = await challengingBasic(basic, async () => requireProof(readCredentials(basic, parameters)));
  const { clientId } = credentials;
  await requireAllowed(context, clientId);
  const proof = await readTokenProof(context, request, undefined);
  const asked = askedScopes(parameters.get("scope"));
  const line = { client: identityHash(clientId), machine: clientId };
  context.providerLimits.checkMachine(clientId);
  const tokens = await challengingBasic(basic, () =>
    askProvider(context, session, { credentials, scopes: asked, organization: parameters.get("organization") }, line),
  );
  context.providerLimits.countMachine(clientId);
  try {
    return await issue(context, session, tokens, clientId, asked, proof);
  } catch (error) {
    throw toTokenEndpointError(error, context.options, line);
  }
}

function requireProof({ id, secret, assertion }: ReturnType<typeof readCredentials>): MachineCredentials {
  if (assertion !== undefined) {
    return { clientId: id, clientAssertion: assertion };
  }
  if (secret !== undefined && secret !== "") {
    return { clientId: id, clientSecret: secret };
  }
  throw new OAuthError("invalid_client", "A machine sends its client_secret or a client_assertion.");
}

async function requireAllowed({ options, clientKeyring }: ProxyContext, clientId: string): Promise<void> {
  const { machines, store } = options;
  // A client that registered here is no application at the provider, whom its secret is no business of.
  const isOurs = async () => (await openToken(clientKeyring, "client", clientId)) !== undefined;
  if (clientId.length > MAX_CLIENT_ID_LENGTH || !isMachine(machines, clientId) || (await isOurs())) {
    throw new OAuthError(
      "unauthorized_client",
      "This client may not use the client_credentials grant here. The operator of this server names the machines that may.",
    );
  }
  if ((await store.denied([["deny-client", identityHash(clientId)]])) !== undefined) {
    throw new OAuthError("unauthorized_client", "The operator of this server has blocked this client.");
  }
}

async function askProvider(
  { options }: ProxyContext,
  { upstream }: ProviderSession,
  request: MachineTokenRequest,
  line: object,
): Promise<UpstreamTokens> {
  if (upstream.machineTokens === undefined) {
    throw new OAuthError("unsupported_grant_type", "The identity provider has no client_credentials grant.");
  }
  try {
    return await upstream.machineTokens(request);
  } catch (error) {
    // A 401 without a reason is about the credentials: they are not lost by it.
    const isVerdict = error instanceof UpstreamError && (error.kind === "credentials" || !isTemporary(error));
    if (!isVerdict) {
      throw toTokenEndpointError(error, options, line);
    }
    // What the token is for is this server's to say, not the machine's.
    const advice = isAboutTarget(error) ? ` ${refusalAdvice(error, options)}` : "";
    options.logger.info({ event: "machine-refused", ...line, providerError: error.code }, error.message + advice);
    if (error.kind === "credentials" && error.code !== "unauthorized_client") {
      throw new OAuthError("invalid_client", "The identity provider does not accept this client's credentials.");
    }
    const code = error.code === "invalid_scope" ? "invalid_scope" : "unauthorized_client";
    throw new OAuthError(code, describable(`The identity provider gives this client no token: ${error.message}`, 500));
  }
}

async function issue(
  context: ProxyContext,
  { upstream, keyring }: ProviderSession,
  tokens: UpstreamTokens,
  clientId: string,
  asked: readonly string[],
  proof: Proof | undefined,
): Promise<TokenResponse> {
  const { options } = context;
  const grantedScopes = tokens.scope === undefined ? asked : splitScopes(tokens.scope);
  const verified = await upstream.tokens.verify(tokens.accessToken, { machine: clientId, grantedScopes, isNew: true });
  if (!canBeOf(clientId, verified)) {
    options.logger.error(
      { event: "machine-token-refused", machine: clientId },
      "The provider answered a machine with a token that does not stand for it",
    );
    throw new OAuthError("server_error", "The identity provider answered with a token of somebody else.", {
      status: 502,
    });
  }
  const carried = { scopes: carriedScopes(options, verified.scopes) };
  const scopes = machineScopes(carried, options.requiredScopes, asked);
  const now = options.clock();
  const expiresAt = Math.floor(Math.min(verified.expiresAt, now + options.accessTokenTtl));
  const session = {
    family: randomId(),
    loginTime: Math.floor(now),
    subjectHash: identityHash(verified.subject),
    clientHash: identityHash(clientId),
  };
  await requireNotDenied(context, session);
  await proof?.use(verified.subject);
  const accessToken = await issueAccessToken(context, keyring, {
    ...session,
    expiresAt,
    scopes,
    resource: options.resource,
    ...(proof !== undefined && { jkt: proof.jkt }),
    ...(machineOf(verified, upstream.subject) !== clientId && { subject: verified.subject }),
    providerToken: tokens.accessToken,
  });
  options.logger.info(
    { event: "machine-token-issued", login: session.family, client: session.clientHash, machine: clientId, scopes },
    "A machine got its token",
  );
  return tokenResponse({ accessToken, expiresAt, now, scopes, jkt: proof?.jkt });
}
