import type { Endpoint } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import { MAX_CLIENT_ID_LENGTH } from "../clients/client.ts";
import { readRegistration } from "../clients/registration-request.ts";
import type { ProxyContext } from "../context.ts";
import { clientSecretOf } from "../grants/client-authentication.ts";
import { identityHash, type Registration, sealToken } from "../tokens/sealed-tokens.ts";

/**
 * Dynamic client registration (RFC 7591): open to everyone, and kept nowhere. The client id is the registration itself,
 * sealed.
 */
export function createRegistrationEndpoint(context: ProxyContext): Endpoint {
  const { options, clientKeyring } = context;
  return {
    path: "/register",
    methods: ["POST"],
    body: "json",
    crossOrigin: true,
    limit: "requests",
    async handle({ body }) {
      const issuedAt = Math.floor(options.clock());
      const requested = readRegistration(body, { ...context.registrationRules(), issuedAt });
      const [registration, clientId] = await sealRegistration(clientKeyring, requested);
      if (clientId.length > MAX_CLIENT_ID_LENGTH) {
        throw new OAuthError(
          "invalid_client_metadata",
          "The registration is too long: register fewer or shorter redirect URIs, a shorter client_name, or a jwks_uri instead of jwks.",
        );
      }
      options.logger.info(
        { event: "client-registered", client: identityHash(clientId), redirectUris: registration.redirectUris },
        "A client registered itself",
      );
      return {
        status: 201,
        headers: { "Cache-Control": "no-store" },
        body: { json: registrationResponse(registration, clientId, clientSecretOf(clientKeyring, clientId)) },
      };
    },
  };
}

/** Scopes are only a default for later requests: they are left out where they would make the client id too long. */
async function sealRegistration(keyring: Keyring, requested: Registration): Promise<readonly [Registration, string]> {
  const clientId = await sealToken(keyring, "client", requested);
  if (clientId.length <= MAX_CLIENT_ID_LENGTH) {
    return [requested, clientId];
  }
  const { scopes: _, ...registration } = requested;
  return [registration, await sealToken(keyring, "client", registration)];
}

/** RFC 7591 section 3.2.1: the metadata as it was registered, which may differ from what was asked for. */
function registrationResponse(registration: Registration, clientId: string, secret: string): Record<string, unknown> {
  const { name, scopes, applicationType, authMethod, keys } = registration;
  const hasSecret = authMethod === "client_secret_basic" || authMethod === "client_secret_post";
  return {
    client_id: clientId,
    client_id_issued_at: registration.issuedAt,
    ...(hasSecret && { client_secret: secret, client_secret_expires_at: 0 }),
    redirect_uris: registration.redirectUris,
    token_endpoint_auth_method: authMethod,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(name !== undefined && { client_name: name }),
    ...(applicationType !== undefined && { application_type: applicationType }),
    ...(scopes !== undefined && { scope: scopes.join(" ") }),
    ...(registration.dpopBound && { dpop_bound_access_tokens: true }),
    ...(keys?.jwks !== undefined && { jwks: { keys: keys.jwks } }),
    ...(keys?.jwksUri !== undefined && { jwks_uri: keys.jwksUri }),
    ...(keys?.algorithm !== undefined && { token_endpoint_auth_signing_alg: keys.algorithm }),
  };
}
