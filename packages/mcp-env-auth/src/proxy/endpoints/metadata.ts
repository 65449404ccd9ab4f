import { PROOF_ALGORITHMS } from "../../dpop/proof-header.ts";
import {
  type Endpoint,
  type EndpointResponse,
  METADATA_MAX_AGE,
  OAUTH_METADATA,
  OPENID_METADATA,
} from "../../endpoint.ts";
import { ASYMMETRIC_ALGORITHMS } from "../../upstream/jwt-algorithms.ts";
import { CLIENT_AUTH_METHODS } from "../clients/registration-request.ts";
import { KEYS_PATH, type ProxyContext } from "../context.ts";
import type { Grant } from "../grants/grant.ts";
import { offeredScopes } from "../protocol/scopes.ts";

/**
 * Authorization server metadata (RFC 8414), at every address a client may derive: at the root, with the path of the
 * issuer or of the MCP endpoint inserted (section 3.1), and under OpenID Connect's name, inserted or appended (section
 * 5). Served before the provider is known.
 */
export function createMetadataEndpoints(context: ProxyContext, grants: readonly Grant[]): readonly Endpoint[] {
  const { oauth, openid } = metadataPaths(context.options);
  const { documents } = context;
  const hosts = context.options.clientIdMetadataHosts;
  // The scopes are complete only once the provider is known, and documents of clients may be back in minutes.
  const isSettled = () => context.providerSession() !== undefined && (documents.isAdvertised() || hosts?.length === 0);
  const maxAge = () => (isSettled() ? METADATA_MAX_AGE : 0);
  const metadata = () => authorizationServerMetadata(context, grants);
  return [
    ...[...oauth].map((path) => documentEndpoint(path, () => documentResponse(metadata(), maxAge()))),
    ...[...openid].map((path) =>
      documentEndpoint(path, () => documentResponse({ ...metadata(), ...openidMembers(context) }, maxAge())),
    ),
    documentEndpoint(KEYS_PATH, () => documentResponse({ keys: [] }, METADATA_MAX_AGE)),
  ];
}

function documentEndpoint(path: string, respond: () => EndpointResponse): Endpoint {
  return { path, methods: ["GET"], body: "none", crossOrigin: true, limit: "none", handle: async () => respond() };
}

function documentResponse(json: Record<string, unknown>, maxAge: number): EndpointResponse {
  return {
    status: 200,
    headers: { "Cache-Control": maxAge === 0 ? "no-store" : `public, max-age=${maxAge}` },
    body: { json },
  };
}

/**
 * What OpenID Connect Discovery 1.0 section 3 requires in addition. Clients that look for its document refuse one
 * without these members. No id token is ever issued, so there are no keys.
 */
function openidMembers({ urls }: ProxyContext): Record<string, unknown> {
  return {
    jwks_uri: urls.keys,
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

function authorizationServerMetadata(context: ProxyContext, grants: readonly Grant[]): Record<string, unknown> {
  const { options, urls } = context;
  const scopes = offeredScopes(options.scopesSupported, context.providerSession()?.upstream.client.metadata);
  const profiles = grants.flatMap((grant) => grant.profiles ?? []);
  return {
    issuer: options.issuer,
    authorization_endpoint: urls.authorization,
    token_endpoint: urls.token,
    registration_endpoint: urls.registration,
    revocation_endpoint: urls.revocation,
    // RFC 8414 section 3.2: no empty lists.
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: grants.map(({ type }) => type),
    ...(profiles.length > 0 && { authorization_grant_profiles_supported: profiles }),
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASYMMETRIC_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASYMMETRIC_ALGORITHMS,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
    client_id_metadata_document_supported: context.documents.isAdvertised(),
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
  };
}

function metadataPaths({ baseUrl, issuer, resource }: ProxyContext["options"]) {
  const issuerPath = pathOf(issuer);
  const resourcePath = pathOf(resource);
  const mcpPath = resource.startsWith(`${baseUrl}/`) ? resource.slice(baseUrl.length) : resourcePath;
  const prefixes = ["", issuerPath, resourcePath, mcpPath];
  return {
    oauth: new Set(prefixes.map((prefix) => `${OAUTH_METADATA}${prefix}`)),
    openid: new Set(prefixes.flatMap((prefix) => [`${OPENID_METADATA}${prefix}`, `${prefix}${OPENID_METADATA}`])),
  };
}

function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, "");
}
