import type { RequestHandler } from "express";
import { TOKEN_EXCHANGE } from "./applications.ts";
import type { Tenant } from "./tenant.ts";

/** The scopes and claims that Auth0 lists. */
const SCOPES = [
  "openid",
  "profile",
  "offline_access",
  "name",
  "email",
  "email_verified",
  "picture",
  "phone",
  "address",
];
const CLAIMS = [
  "aud",
  "auth_time",
  "email",
  "email_verified",
  "exp",
  "iat",
  "iss",
  "name",
  "nickname",
  "picture",
  "sub",
];

/** The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2), of what the stand-in does. */
export function discoveryDocument(tenant: Tenant): Record<string, unknown> {
  const { issuer } = tenant;
  return {
    issuer,
    authorization_endpoint: `${issuer}authorize`,
    token_endpoint: `${issuer}oauth/token`,
    userinfo_endpoint: `${issuer}userinfo`,
    jwks_uri: `${issuer}.well-known/jwks.json`,
    revocation_endpoint: `${issuer}oauth/revoke`,
    end_session_endpoint: `${issuer}oidc/logout`,
    scopes_supported: SCOPES,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE],
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
    claims_supported: CLAIMS,
    request_uri_parameter_supported: false,
    request_parameter_supported: false,
    id_token_signing_alg_values_supported: ["HS256", "RS256", "PS256"],
    ...(tenant.sendIssuer && { authorization_response_iss_parameter_supported: true }),
    ...(tenant.dynamicRegistration && { registration_endpoint: `${issuer}oidc/register` }),
    ...(tenant.clientIdMetadataDocuments && { client_id_metadata_document_supported: true }),
    ...tenant.metadata,
  };
}

export function discoveryEndpoint(tenant: Tenant): RequestHandler {
  return (_request, response) => {
    const fault = tenant.faults.discovery;
    const changes = typeof fault === "object" && "metadata" in fault ? fault.metadata : {};
    response.json({ ...discoveryDocument(tenant), ...changes });
  };
}

export function jwksEndpoint(tenant: Tenant): RequestHandler {
  return (_request, response) => {
    response.json(tenant.keys.jwks());
  };
}
