import type { ClientAuth, ServerMetadata } from "openid-client";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { loadOpenIdClient } from "./openid-client.ts";
import { acceptedParams, RESERVED_TOKEN_PARAMS } from "./reserved-params.ts";
import { tokenEndpointFetch } from "./token-endpoint.ts";
import {
  ASSERTION_TYPE,
  candidateMethods,
  clientAuthentication,
  type TokenEndpointAuthMethod,
} from "./token-endpoint-auth.ts";
import { protocolError, toUpstreamTokens } from "./token-response.ts";
import { UpstreamError, type UpstreamMetadata, type UpstreamTokens } from "./upstream-client.ts";

const MAX_REMEMBERED = 1000;

/**
 * How a machine proves to the provider who it is: by its secret, or by an assertion that it signed for the provider.
 */
export type MachineCredentials =
  | { readonly clientId: string; readonly clientSecret: string }
  | { readonly clientId: string; readonly clientAssertion: string };

export interface MachineTokenRequest {
  readonly credentials: MachineCredentials;
  /** Empty: all that the provider gives. */
  readonly scopes: readonly string[];
  /** The organization (tenant) that the token is to be for, where the configuration names no other. */
  readonly organization?: string | undefined;
}

/**
 * Gets a machine's access token from the provider, in the machine's own name (RFC 6749 section 4.4). Rejects with
 * {@link UpstreamError}, of kind `credentials` when those of the machine are wrong.
 */
export type MachineTokens = (request: MachineTokenRequest) => Promise<UpstreamTokens>;

export interface MachineTokensOptions {
  readonly metadata: UpstreamMetadata;
  /** The API that tokens are for. */
  readonly audience: string | undefined;
  /** The same as a resource (RFC 8707). */
  readonly resource?: string | undefined;
  /** The organization that all of them are for. */
  readonly organization?: string | undefined;
  readonly extraTokenParams?: Readonly<Record<string, string>> | undefined;
  /** Seconds for each request to the provider. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes the client credentials grant at the provider. Nothing of a machine's credentials is kept. */
export function createMachineTokens(options: MachineTokensOptions): MachineTokens {
  const { metadata, audience, resource, timeout, clock, logger } = options;
  const server: ServerMetadata = {
    issuer: metadata.issuer ?? new URL(metadata.tokenEndpoint).origin,
    token_endpoint: metadata.tokenEndpoint,
  };
  const extra = acceptedParams(options.extraTokenParams, RESERVED_TOKEN_PARAMS, logger);

  async function ask(request: MachineTokenRequest, authentication: ClientAuth) {
    const library = await loadOpenIdClient();
    const { credentials, scopes } = request;
    const organization = options.organization ?? request.organization;
    const config = new library.Configuration(server, credentials.clientId, undefined, authentication);
    config[library.customFetch] = tokenEndpointFetch({ timeout, idToken: false, secrets: [secretOf(credentials)] });
    // The endpoint was checked: http is on this machine, or where the configuration says so.
    library.allowInsecureRequests(config);
    const parameters = {
      ...(audience !== undefined && { audience }),
      ...(resource !== undefined && { resource }),
      ...extra,
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
      ...(organization !== undefined && { organization }),
    };
    return toUpstreamTokens(await library.clientCredentialsGrant(config, parameters).catch(protocolError));
  }

  /** By which method a machine's secret was accepted: the next time, it is tried first. */
  const accepted = new BoundedMap<TokenEndpointAuthMethod>({
    capacity: MAX_REMEMBERED,
    whenFull: "evict unused",
    clock,
  });

  async function askBySecret(request: MachineTokenRequest, clientId: string, clientSecret: string) {
    const known = accepted.get(clientId);
    const refusals: UpstreamError[] = [];
    for (const method of new Set([...(known === undefined ? [] : [known]), ...secretMethods(metadata)])) {
      try {
        const tokens = await ask(request, clientAuthentication(await loadOpenIdClient(), method, clientSecret));
        accepted.set(clientId, method, Number.POSITIVE_INFINITY);
        return tokens;
      } catch (error) {
        if (!(error instanceof UpstreamError && (error.kind === "credentials" || error.about === "answer"))) {
          throw error;
        }
        refusals.push(error);
      }
    }
    throw refusals.find(({ kind }) => kind === "credentials") ?? refusals[0];
  }

  return (request) => {
    const { credentials } = request;
    return "clientSecret" in credentials
      ? askBySecret(request, credentials.clientId, credentials.clientSecret)
      : ask(request, byAssertion(credentials.clientAssertion));
  };
}

function secretOf(credentials: MachineCredentials): string {
  return "clientSecret" in credentials ? credentials.clientSecret : credentials.clientAssertion;
}

/** Applications often accept one method only, and which one is a setting that metadata does not show. */
function secretMethods(metadata: UpstreamMetadata): readonly TokenEndpointAuthMethod[] {
  return candidateMethods(metadata, true).filter((method) => method !== "none");
}

/** `private_key_jwt` with an assertion that somebody else has signed (RFC 7523 section 2.2). */
function byAssertion(assertion: string): ClientAuth {
  return (_server, client, body) => {
    body.set("client_id", client.client_id);
    body.set("client_assertion_type", ASSERTION_TYPE);
    body.set("client_assertion", assertion);
  };
}
