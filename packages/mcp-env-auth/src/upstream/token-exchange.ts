import { createHash } from "node:crypto";
import type { ServerMetadata } from "openid-client";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { loadOpenIdClient } from "./openid-client.ts";
import { tokenEndpointFetch } from "./token-endpoint.ts";
import { candidateMethods, clientAuthentication, type TokenEndpointAuthMethod } from "./token-endpoint-auth.ts";
import { createMethodSelection } from "./token-endpoint-auth-selection.ts";
import { protocolError } from "./token-response.ts";
import { UpstreamError, type UpstreamMetadata } from "./upstream-client.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const JWT = "urn:ietf:params:oauth:token-type:jwt";

/** Seconds before its end that a token is no longer handed out. */
const MARGIN = 30;

/** Seconds that a token is kept whose end the provider does not tell. */
const UNKNOWN_LIFETIME = 60;

const MAX_KEPT = 1000;

/** What a token is exchanged for (RFC 8693 section 2.1). */
export interface ExchangeRequest {
  /** The provider's access token. */
  readonly subjectToken: string;
  /** When that ends, seconds since the Unix epoch: what it was exchanged for is handed out no longer. */
  readonly expiresAt: number;
  readonly audience: string | undefined;
  readonly resource: string | undefined;
  readonly scopes: readonly string[];
}

/** Exchanges a token of the provider's for one for another API. Rejects with {@link UpstreamError}. */
export type UpstreamTokenExchange = (request: ExchangeRequest) => Promise<string>;

/** A request of the token endpoint in which a token takes the user's place. */
export interface ExchangeParameters {
  readonly grant: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 8693 section 2.1. */
function tokenExchangeParameters({ subjectToken, audience, resource, scopes }: ExchangeRequest): ExchangeParameters {
  return {
    grant: GRANT,
    parameters: {
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      ...(audience !== undefined && { audience }),
      ...(resource !== undefined && { resource }),
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    },
  };
}

export interface UpstreamTokenExchangeOptions {
  readonly metadata: UpstreamMetadata;
  /** The client that may exchange tokens. */
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** How the provider is asked. Default: as RFC 8693 has it. */
  readonly parameters?: ((request: ExchangeRequest) => ExchangeParameters) | undefined;
  /** Default: found out. */
  readonly authMethod?: TokenEndpointAuthMethod | undefined;
  /** The variables that messages about wrong credentials point to. */
  readonly variables: { readonly clientId: string; readonly clientSecret: string };
  /** Seconds for each request to the provider. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes the token exchange (RFC 8693). An exchanged token is kept for its subject token, target and scopes until it
 * ends, under a hash, at most 1,000 of them; calls for the same at the same time share one request.
 */
export function createUpstreamTokenExchange(options: UpstreamTokenExchangeOptions): UpstreamTokenExchange {
  const { metadata, clientId, clientSecret, clock, timeout } = options;
  const server: ServerMetadata = {
    issuer: metadata.issuer ?? new URL(metadata.tokenEndpoint).origin,
    token_endpoint: metadata.tokenEndpoint,
  };
  const methods = createMethodSelection({
    candidates:
      options.authMethod === undefined ? candidateMethods(metadata, clientSecret !== undefined) : [options.authMethod],
    hasSecret: clientSecret !== undefined,
    variables: options.variables,
    logger: options.logger,
  });
  const kept = new BoundedMap<string>({ capacity: MAX_KEPT, whenFull: "evict unused", clock });
  const underWay = new Map<string, Promise<string>>();

  async function ask(request: ExchangeRequest, method: TokenEndpointAuthMethod) {
    const { subjectToken } = request;
    const { grant, parameters } = (options.parameters ?? tokenExchangeParameters)(request);
    const library = await loadOpenIdClient();
    const authentication = clientAuthentication(library, method, clientSecret);
    const config = new library.Configuration(server, clientId, undefined, authentication);
    config[library.customFetch] = tokenEndpointFetch({
      timeout,
      idToken: false,
      secrets: [subjectToken, clientSecret],
    });
    // The endpoint was checked: http is on this machine, or where the configuration says so.
    library.allowInsecureRequests(config);
    return library.genericGrantRequest(config, grant, { ...parameters }).catch(protocolError);
  }

  async function exchange(request: ExchangeRequest, key: string): Promise<string> {
    const answer = await methods.first((method) => ask(request, method));
    const { access_token: token, expires_in: lifetime = UNKNOWN_LIFETIME, issued_token_type: type } = answer;
    if (type !== undefined && type !== ACCESS_TOKEN && type !== JWT) {
      throw new UpstreamError("rejected", "The identity provider exchanged the token for one that is no access token.");
    }
    // What is good here would be good there: whoever runs that API could then act here as the user.
    if (token === request.subjectToken) {
      throw new UpstreamError(
        "rejected",
        "The identity provider answered an exchange with the token that it was sent.",
      );
    }
    kept.set(key, token, Math.min(clock() + lifetime, request.expiresAt) - MARGIN);
    return token;
  }

  return (request) => {
    const key = keyOf(request);
    const known = kept.get(key);
    if (known !== undefined) {
      return Promise.resolve(known);
    }
    const started = underWay.get(key) ?? exchange(request, key).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}

function keyOf({ subjectToken, audience, resource, scopes }: ExchangeRequest): string {
  const parts = [subjectToken, audience ?? null, resource ?? null, [...scopes].sort()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
