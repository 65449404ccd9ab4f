import type { EndpointRequest } from "../../endpoint.ts";
import { ChallengeError, OAuthError } from "../../errors.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import { ASSERTION_TYPE } from "../../upstream/token-endpoint-auth.ts";
import type { Client } from "../clients/client.ts";
import { claimedClientId, type UseAssertion } from "../clients/client-assertion.ts";
import type { ProxyContext } from "../context.ts";
import type { Parameters } from "../protocol/parameters.ts";
import type { ClientGrant } from "./grant.ts";
import { readBasicCredentials } from "./read-basic-credentials.ts";

const SECRET_LABEL = "client secret";

/** The secret of a confidential client: nothing has to be kept for it. */
export function clientSecretOf(keyring: Keyring, clientId: string): string {
  return Buffer.from(keyring.mac(SECRET_LABEL, clientId)).toString("base64url");
}

/** Who a client is. Its assertion, if it sent one, is not used up yet. */
export interface AuthenticatedClient {
  readonly client: Client;
  readonly useAssertion: UseAssertion;
}

const nothingToUse: UseAssertion = async () => {};

/**
 * Authenticates the client of a request to `/token` or `/revoke` (RFC 6749 sections 2.3 and 3.2.1, RFC 7521 section
 * 4.2). Nothing else is answered with `invalid_client`, because clients then register and log in again.
 *
 * @param endpoint its URL: what an assertion may be for, in addition to the issuer and the token endpoint.
 * @param recognize finds a public client by what else it sends, so that its metadata document isn't needed.
 * @throws OAuthError `invalid_client` (401), `unauthorized_client` for a denied one, `invalid_request`.
 */
export async function authenticateClient(
  context: ProxyContext,
  endpoint: string,
  request: EndpointRequest,
  parameters: Parameters,
  recognize?: ClientGrant["recognize"],
): Promise<AuthenticatedClient> {
  const basic = readBasicCredentials(request);
  const authenticated = await challengingBasic(basic, () => {
    const sent = readCredentials(basic, parameters);
    return authenticateOrRecognize(context, endpoint, { ...sent, from: request.clientAddress }, async () =>
      recognize?.(context, sent.id, parameters),
    );
  });
  if ((await context.options.store.denied([["deny-client", authenticated.client.hash]])) !== undefined) {
    throw new OAuthError("unauthorized_client", "The operator of this server has blocked this client.");
  }
  return authenticated;
}

/** Has Basic credentials that prove nothing answered with a challenge (RFC 6749 section 5.2). @throws ChallengeError */
export async function challengingBasic<T>(
  basic: ReturnType<typeof readBasicCredentials>,
  authenticated: () => Promise<T>,
): Promise<T> {
  try {
    return await authenticated();
  } catch (error) {
    if (basic !== undefined && error instanceof OAuthError && error.code === "invalid_client") {
      throw new ChallengeError('Basic realm="OAuth client", charset="UTF-8"', error);
    }
    throw error;
  }
}

/** What a client sent to prove who it is. */
export interface Credentials {
  readonly id: string;
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
}

/** @throws OAuthError `invalid_client`, `invalid_request` */
export function readCredentials(basic: ReturnType<typeof readBasicCredentials>, parameters: Parameters): Credentials {
  if (basic === "unreadable") {
    throw refuse("The Authorization header holds no readable client credentials (RFC 6749 section 2.3.1).");
  }
  const sentId = parameters.get("client_id");
  const sentSecret = parameters.get("client_secret");
  const assertion = readAssertion(parameters);
  const ways = [basic, sentSecret, assertion].filter((way) => way !== undefined).length;
  if (ways > 1 || (basic !== undefined && sentId !== undefined && sentId !== basic.id)) {
    throw new OAuthError("invalid_request", "Send the client's credentials in one way only.");
  }
  const id = basic?.id ?? sentId ?? (assertion && claimedClientId(assertion));
  if (id === undefined) {
    throw refuse("The parameter client_id is missing.");
  }
  return { id, secret: basic?.secret ?? sentSecret, assertion };
}

function readAssertion(parameters: Parameters): string | undefined {
  const assertion = parameters.get("client_assertion");
  const type = parameters.get("client_assertion_type");
  if (assertion === undefined && type === undefined) {
    return undefined;
  }
  if (assertion === undefined || type !== ASSERTION_TYPE) {
    throw new OAuthError("invalid_request", `Send client_assertion with the client_assertion_type ${ASSERTION_TYPE}.`);
  }
  return assertion;
}

/** Credentials, and the address that they came from. */
interface SentCredentials extends Credentials {
  readonly from: string;
}

/** What a public client could leave out can't fail it: where its keys can't be had now, an assertion isn't verified. */
async function authenticateOrRecognize(
  context: ProxyContext,
  endpoint: string,
  sent: SentCredentials,
  recognize: () => Promise<Client | undefined>,
): Promise<AuthenticatedClient> {
  if (sent.assertion === undefined) {
    const client = await recognize();
    return client === undefined ? authenticate(context, endpoint, sent) : { client, useAssertion: nothingToUse };
  }
  try {
    return await authenticate(context, endpoint, sent);
  } catch (error) {
    const isOutage = error instanceof OAuthError && error.code === "temporarily_unavailable";
    const client = isOutage ? await recognize() : undefined;
    if (client === undefined) {
      throw error;
    }
    return { client, useAssertion: nothingToUse };
  }
}

async function authenticate(
  context: ProxyContext,
  endpoint: string,
  sent: SentCredentials,
): Promise<AuthenticatedClient> {
  const client = await context.resolveClient(sent.id, sent.from);
  if (client === undefined) {
    throw refuse("This client is not registered with this server. Register again and repeat the login.");
  }
  return { client, useAssertion: await requireProof(context, endpoint, client, sent) };
}

async function requireProof(
  { options, urls, clientKeyring, verifyAssertion }: ProxyContext,
  endpoint: string,
  client: Client,
  { secret, assertion, from }: SentCredentials,
): Promise<UseAssertion> {
  const { authMethods } = client;
  if (assertion !== undefined) {
    if (!authMethods.includes("private_key_jwt")) {
      throw refuse("This client does not authenticate by a client_assertion: it has published no keys for that.");
    }
    // A bare origin is spelled with and without a slash at its end.
    const issuers = [options.issuer, options.issuer.replace(/\/$/, "")];
    return verifyAssertion(client, assertion, [...issuers, urls.token, endpoint], from);
  }
  if (authMethods.includes("none")) {
    return nothingToUse;
  }
  if (authMethods.includes("private_key_jwt")) {
    throw refuse("This client authenticates by a client_assertion, and sent none.");
  }
  if (secret === undefined || !isSecretOf(clientKeyring, client, secret)) {
    throw refuse("The client's secret is missing or wrong.");
  }
  return nothingToUse;
}

function isSecretOf(keyring: Keyring, client: Client, secret: string): boolean {
  return keyring.verifyMac(SECRET_LABEL, client.id, Buffer.from(secret, "base64url"));
}

function refuse(description: string): OAuthError {
  return new OAuthError("invalid_client", description);
}
