import type { Request, Response } from "express";
import { OAuthError } from "../errors.ts";
import type { Keyring } from "../sealing/keyring.ts";
import type { ProxyContext } from "./context.ts";
import { identityHash } from "./identity-hash.ts";
import type { Parameters } from "./parameters.ts";
import { openToken, type Registration } from "./sealed-tokens.ts";

/** The longest client id there is: a sealed registration. */
export const MAX_CLIENT_ID_LENGTH = 2600;

const SECRET_LABEL = "client secret";

/** A client that this server knows. */
export interface Client extends Registration {
  readonly id: string;
  /** SHA-256 of the id: what tokens and denials name the client by. */
  readonly hash: string;
}

/** The client with this id, or `undefined` when there is none. */
export type ClientResolver = (clientId: string) => Promise<Client | undefined>;

/** Resolves the client ids that `/register` issues: registrations sealed by `keyring`, which opens one spelling of each only. */
export function createRegisteredClientResolver(keyring: Keyring): ClientResolver {
  return async (clientId) => {
    if (clientId.length > MAX_CLIENT_ID_LENGTH) {
      return undefined;
    }
    const opened = await openToken(keyring, "client", clientId);
    return opened && { ...opened.contents, id: clientId, hash: identityHash(clientId) };
  };
}

/** The secret of a confidential client: nothing has to be kept for it. */
export function clientSecretOf(keyring: Keyring, clientId: string): string {
  return Buffer.from(keyring.mac(SECRET_LABEL, clientId)).toString("base64url");
}

/**
 * Authenticates the client of a request to `/token` or `/revoke` (RFC 6749
 * sections 2.3 and 3.2.1). The only place that says `invalid_client`, because
 * clients answer that by registering and logging in again.
 *
 * @throws OAuthError `invalid_client` (401), `unauthorized_client` for a denied one, `invalid_request`.
 */
export async function authenticateClient(
  context: ProxyContext,
  request: Request,
  response: Response,
  parameters: Parameters,
): Promise<Client> {
  const basic = readBasicCredentials(request);
  const refuse = (description: string): OAuthError => {
    if (basic !== undefined) {
      response.setHeader("WWW-Authenticate", 'Basic realm="OAuth client", charset="UTF-8"');
    }
    return new OAuthError("invalid_client", description);
  };
  if (basic === "unreadable") {
    throw refuse("The Authorization header holds no readable client credentials (RFC 6749 section 2.3.1).");
  }
  const sentId = parameters.get("client_id");
  const sentSecret = parameters.get("client_secret");
  if (basic !== undefined && (sentSecret !== undefined || (sentId !== undefined && sentId !== basic.id))) {
    throw new OAuthError("invalid_request", "Send the client's credentials in one way only.");
  }
  const id = basic?.id ?? sentId;
  if (id === undefined) {
    throw refuse("The parameter client_id is missing.");
  }
  const client = await context.resolveClient(id);
  if (client === undefined) {
    throw refuse("This client is not registered with this server. Register again and repeat the login.");
  }
  if (client.authMethod !== "none" && !hasSecret(context.clientKeyring, client, basic?.secret ?? sentSecret)) {
    throw refuse("The client's secret is missing or wrong.");
  }
  if ((await context.options.store.denied([["deny-client", client.hash]])) !== undefined) {
    throw new OAuthError("unauthorized_client", "The operator of this server has blocked this client.");
  }
  return client;
}

function hasSecret(keyring: Keyring, client: Client, secret: string | undefined): boolean {
  return secret !== undefined && keyring.verifyMac(SECRET_LABEL, client.id, Buffer.from(secret, "base64url"));
}

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

function readBasicCredentials(request: Request): Credentials | "unreadable" | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (encoded === undefined) {
    return undefined;
  }
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  try {
    return id === undefined || secret === undefined ? "unreadable" : { id: formDecode(id), secret: formDecode(secret) };
  } catch {
    return "unreadable";
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
