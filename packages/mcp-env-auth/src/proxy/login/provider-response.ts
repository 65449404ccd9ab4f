import { OAuthError, type OAuthErrorCode } from "../../errors.ts";
import type { UpstreamMetadata } from "../../upstream/upstream-client.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { nameVariables } from "../protocol/name-variables.ts";
import { describable, type Parameters } from "../protocol/parameters.ts";
import { USER_REFUSALS } from "../protocol/user-refusals.ts";

const MAX_CODE_LENGTH = 4096;

/** What the provider answered at the callback. */
export type ProviderResponse =
  | { readonly code: string }
  /** `error` is for the client, `logMessage` for the operator. */
  | { readonly error: OAuthError; readonly logMessage: string };

const PASSED_ON: readonly OAuthErrorCode[] = ["invalid_scope", "temporarily_unavailable"];

/**
 * Reads the provider's authorization response (RFC 6749 section 4.1.2), and its issuer where it sends one (RFC 9207).
 */
export function readProviderResponse(
  parameters: Parameters,
  metadata: UpstreamMetadata,
  variables: OAuthProxyOptions["variables"],
): ProviderResponse {
  const issuer = parameters.get("iss");
  if (parameters.repeated.size > 0) {
    return failure("The identity provider's answer has a parameter twice.");
  }
  if (metadata.issuer !== undefined && (issuer ?? (metadata.sendsIssuer ? "" : metadata.issuer)) !== metadata.issuer) {
    return failure("The answer at the callback is not from the identity provider that the user was sent to.");
  }
  const error = parameters.get("error");
  if (error !== undefined) {
    return refusal(error, parameters.get("error_description"), variables);
  }
  const code = parameters.get("code");
  if (code === undefined || code.length > MAX_CODE_LENGTH) {
    return failure(`The identity provider's code is ${code === undefined ? "missing" : "too long"}.`);
  }
  return { code };
}

function failure(message: string): ProviderResponse {
  return { error: new OAuthError("server_error", message), logMessage: message };
}

function refusal(
  providerCode: string,
  description: string | undefined,
  variables: OAuthProxyOptions["variables"],
): ProviderResponse {
  const code = clientCode(providerCode);
  const said = describable(description === undefined ? providerCode : `${providerCode}: ${description}`, 240);
  const message = `The identity provider refused the login (${said})`;
  if (/\borganization\b/i.test(description ?? "")) {
    const { allowed, claim } = variables.organization;
    const help = `Check ${allowed} (and ${claim}), who is a member of the organization, and at the provider whether the application's logins are through organizations.`;
    return { error: new OAuthError(code, message), logMessage: `${message}. ${help}` };
  }
  return { error: new OAuthError(code, message), logMessage: `${message}. ${adviceFor(code, variables)}`.trimEnd() };
}

function clientCode(providerCode: string): OAuthErrorCode {
  if (USER_REFUSALS.has(providerCode)) {
    return "access_denied";
  }
  return PASSED_ON.find((code) => code === providerCode) ?? "server_error";
}

function adviceFor(code: OAuthErrorCode, variables: OAuthProxyOptions["variables"]): string {
  if (code === "server_error") {
    return `Check ${nameVariables(variables.clientId, variables.audience)}, and the application's allowed callback URLs and grant types at the provider.`;
  }
  if (code === "invalid_scope") {
    return `Check that the provider knows the scopes in ${variables.requiredScopes}.`;
  }
  if (code === "access_denied") {
    const { audience } = variables;
    const cause =
      audience === undefined
        ? "who may use the application at the provider"
        : `${audience}, and that the application may use that API`;
    return `If nobody can log in, check ${cause}.`;
  }
  return "";
}
