import { type Application, allowsUrl, grantTypes, isConfidential, isStrict } from "./applications.ts";
import { learnScopes } from "./learned-scopes.ts";
import type { AuthorizationRequest, AuthorizationTarget, Prompt } from "./login-transaction.ts";
import { OAuthError } from "./oauth-error.ts";
import { findOrganization } from "./organizations.ts";
import { type Parameters, required, scopeList } from "./parameters.ts";
import type { Tenant } from "./tenant.ts";
import { checkThirdPartyRequest, delegatedScopes } from "./third-party.ts";

const PROMPTS: readonly string[] = ["none", "login", "consent", "select_account"] satisfies Prompt[];

/** @throws OAuthError for an error page: nothing may be sent to a callback URL that is not the application's. */
export function authorizationTarget(tenant: Tenant, parameters: Parameters): AuthorizationTarget {
  const clientId = required(parameters, "client_id");
  const application = tenant.applications.get(clientId);
  if (application === undefined) {
    throw new OAuthError(403, "invalid_request", `Unknown client: ${clientId}`);
  }
  const redirectUri = required(parameters, "redirect_uri");
  if (!allowsUrl(application.callbacks, redirectUri)) {
    throw new OAuthError(
      403,
      "unauthorized_client",
      `Callback URL mismatch. ${redirectUri} is not in the list of allowed callback URLs of ${clientId}.`,
    );
  }
  return { application, redirectUri, state: parameters.state };
}

/** @throws OAuthError for the callback URL. */
export function authorizationRequest(
  tenant: Tenant,
  target: AuthorizationTarget,
  parameters: Parameters,
): AuthorizationRequest {
  const { application } = target;
  checkThirdPartyRequest(application, parameters);
  const responseType = required(parameters, "response_type");
  if (responseType !== "code") {
    throw new OAuthError(400, "unsupported_response_type", `Unsupported response type: ${responseType}`);
  }
  if (!grantTypes(application).includes("authorization_code")) {
    const message = "Grant type 'authorization_code' not allowed for the client.";
    throw new OAuthError(403, "unauthorized_client", message);
  }
  const audience = parameters.audience ?? (tenant.resourceParameter ? parameters.resource : undefined);
  const known = audience === undefined ? undefined : tenant.apis.get(audience);
  if (audience !== undefined && known === undefined) {
    throw new OAuthError(403, "access_denied", `Service not found: ${audience}`);
  }
  const asked = scopeList(parameters.scope);
  const api = known && learnScopes(tenant, known, asked);
  return {
    ...target,
    api,
    scopes: delegatedScopes(application, api, asked),
    nonce: parameters.nonce,
    codeChallenge: readCodeChallenge(application, parameters),
    prompt: readPrompt(parameters.prompt),
    maxAge: readMaxAge(parameters.max_age),
    loginHint: parameters.login_hint,
    ...readOrganization(tenant, application, parameters.organization),
  };
}

function readOrganization(
  tenant: Tenant,
  application: Application,
  parameter: string | undefined,
): Pick<AuthorizationRequest, "organization" | "organizationPrompt"> {
  const { organizationUsage = "allow", organizationRequireBehavior: behavior = "no_prompt" } = application;
  if (parameter !== undefined) {
    if (organizationUsage === "deny") {
      throw new OAuthError(400, "invalid_request", "parameter organization is not allowed for this client");
    }
    const { id, thirdPartyClientAccess } = findOrganization(tenant, parameter);
    if (isStrict(application) && thirdPartyClientAccess !== "allow") {
      throw new OAuthError(400, "invalid_request", `organization ${id} does not allow third-party clients`);
    }
    return { organization: id, organizationPrompt: undefined };
  }
  if (organizationUsage !== "require") {
    return { organization: undefined, organizationPrompt: undefined };
  }
  if (behavior === "no_prompt") {
    throw new OAuthError(400, "invalid_request", "parameter organization is required for this client");
  }
  return { organization: undefined, organizationPrompt: behavior };
}

function readCodeChallenge(application: Application, parameters: Parameters): string | undefined {
  const challenge = parameters.code_challenge;
  if (challenge === undefined) {
    if (isConfidential(application)) {
      return undefined;
    }
    throw new OAuthError(400, "invalid_request", "Missing required parameter: code_challenge");
  }
  const method = parameters.code_challenge_method ?? "plain";
  if (method !== "S256") {
    throw new OAuthError(400, "invalid_request", `Unsupported code_challenge_method: ${method}. Use S256.`);
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new OAuthError(400, "invalid_request", "Parameter code_challenge must be a base64url SHA-256 hash.");
  }
  return challenge;
}

function readPrompt(value: string | undefined): Prompt[] {
  const prompts = scopeList(value);
  if (prompts.some((prompt) => !PROMPTS.includes(prompt)) || (prompts.includes("none") && prompts.length > 1)) {
    throw new OAuthError(400, "invalid_request", `Invalid prompt: ${value}`);
  }
  return prompts as Prompt[];
}

function readMaxAge(value: string | undefined): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (!/^\d{1,9}$/.test(value)) {
    throw new OAuthError(400, "invalid_request", "Parameter max_age must be an integer.");
  }
  return Number(value);
}
