import type { Proof } from "../../dpop/proof.ts";
import type { EndpointRequest } from "../../endpoint.ts";
import type { Client } from "../clients/client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import type { Parameters } from "../protocol/parameters.ts";
import type { TokenResponse } from "../tokens/sealed-tokens.ts";

interface GrantDeclaration {
  /** The value of `grant_type` (RFC 6749 section 4.5), also in the metadata. */
  readonly type: string;
  /** Its `authorization_grant_profiles_supported`, if any. */
  readonly profiles?: readonly string[];
  /** Whether the configuration offers it. Where it doesn't, `/token` and the metadata don't know it. */
  isOffered(context: ProxyContext): boolean;
}

/** What a client of this server sends to the token endpoint, once it is authenticated. */
export interface ClientRequest {
  readonly provider: ProviderSession;
  readonly client: Client;
  readonly parameters: Parameters;
  /** The DPoP proof, verified and not used up. */
  readonly proof?: Proof | undefined;
}

/**
 * A grant to clients of this server: the token endpoint authenticates them, and verifies their proof, before it asks
 * for the grant.
 */
export interface ClientGrant extends GrantDeclaration {
  readonly authenticates: "client";
  /** The client that the request is about, if that is clear without credentials and without its metadata document. */
  recognize?(context: ProxyContext, clientId: string, parameters: Parameters): Promise<Client | undefined>;
  /** @throws OAuthError */
  grant(context: ProxyContext, request: ClientRequest): Promise<TokenResponse>;
}

/** What an application at the identity provider sends to the token endpoint. */
export interface MachineRequest {
  readonly provider: ProviderSession;
  readonly request: EndpointRequest;
  readonly parameters: Parameters;
}

/**
 * A grant to applications at the identity provider: only the provider can authenticate them, so the grant has it do so.
 */
export interface MachineGrant extends GrantDeclaration {
  readonly authenticates: "machine";
  /** @throws OAuthError */
  grant(context: ProxyContext, request: MachineRequest): Promise<TokenResponse>;
}

/** A way to get tokens at the token endpoint, as data: what is offered, and what a request of its type is answered. */
export type Grant = ClientGrant | MachineGrant;
