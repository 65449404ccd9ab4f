import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { type Application, type ClientAuthenticationMethod, isConfidential } from "./applications.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Parameters } from "./parameters.ts";
import { secretsMatch } from "./random.ts";
import type { Tenant } from "./tenant.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface Credentials {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly method: ClientAuthenticationMethod;
}

/**
 * The application that sent the request (RFC 6749 section 2.3), decided before anything else in it is looked at.
 *
 * @throws OAuthError 401 `access_denied`, as Auth0 answers an unknown application and a wrong secret alike, and
 * `invalid_client` to a secret from an application that has none.
 */
export async function authenticateClient(
  tenant: Tenant,
  authorization: string | undefined,
  body: Parameters,
): Promise<Application> {
  const { applications } = tenant;
  if (body.client_assertion !== undefined) {
    return authenticateByAssertion(tenant, body, body.client_assertion);
  }
  const { clientId, clientSecret, method } = readCredentials(authorization, body);
  const application = applications.get(clientId ?? "");
  if (application === undefined) {
    throw unauthorized();
  }

  if (!isConfidential(application)) {
    if (clientSecret !== undefined && (application.rejectSecret ?? true)) {
      throw new OAuthError(
        401,
        "invalid_client",
        `The application ${application.clientId} has no client authentication: send client_id alone, without a secret.`,
      );
    }
    return application;
  }
  const configured = application.tokenEndpointAuthMethod;
  if (configured !== undefined && configured !== method) {
    throw unauthorized();
  }
  if (!secretsMatch(clientSecret ?? "", application.clientSecret ?? "")) {
    throw unauthorized();
  }
  return application;
}

/** `private_key_jwt` (RFC 7523 section 3): signed by the application, for this tenant, used once. */
async function authenticateByAssertion(tenant: Tenant, body: Parameters, assertion: string): Promise<Application> {
  try {
    const clientId = body.client_id ?? decodeJwt(assertion).sub ?? "";
    const application = tenant.applications.get(clientId);
    if (application?.tokenEndpointAuthMethod !== "private_key_jwt" || body.client_assertion_type !== ASSERTION_TYPE) {
      throw unauthorized();
    }
    const keys = createLocalJWKSet({ keys: [...(application.publicKeys ?? [])] });
    const { payload } = await jwtVerify(assertion, keys, {
      issuer: clientId,
      subject: clientId,
      audience: tenant.issuer,
      requiredClaims: ["exp", "jti"],
      currentDate: new Date(tenant.clock() * 1000),
    });
    const { jti = "", exp = 0 } = payload;
    if (tenant.assertions.get(jti) !== undefined) {
      throw unauthorized();
    }
    tenant.assertions.set(jti, true, exp - tenant.clock());
    return application;
  } catch {
    throw unauthorized();
  }
}

function readCredentials(authorization: string | undefined, body: Parameters): Credentials {
  const inBody = body.client_secret;
  if (authorization === undefined) {
    return {
      clientId: body.client_id,
      clientSecret: inBody,
      method: inBody === undefined ? "none" : "client_secret_post",
    };
  }
  const basic = readBasic(authorization);
  const contradicts = body.client_id !== undefined && body.client_id !== basic?.clientId;
  if (basic === undefined || inBody !== undefined || contradicts) {
    throw unauthorized();
  }
  return { ...basic, method: "client_secret_basic" };
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before base64. */
function readBasic(authorization: string): { clientId: string; clientSecret: string } | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const decoded = Buffer.from(encoded ?? "", "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) {
    return undefined;
  }
  try {
    return { clientId: formDecode(decoded.slice(0, colon)), clientSecret: formDecode(decoded.slice(colon + 1)) };
  } catch {
    return undefined;
  }
}

function formDecode(value: string): string {
  return decodeURIComponent(value.replaceAll("+", " "));
}

function unauthorized(): OAuthError {
  return new OAuthError(401, "access_denied", "Unauthorized");
}
