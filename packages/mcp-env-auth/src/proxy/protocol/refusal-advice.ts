import { ANSWERED_BY_OTHERS } from "../../upstream/token-refusal.ts";
import type { UpstreamErrorTopic } from "../../upstream/upstream-client.ts";
import type { OAuthProxyOptions } from "../options.ts";

/** Why the provider did not do as asked, in its own words. */
export interface Refusal {
  /** `error` (RFC 6749 sections 4.1.2.1 and 5.2). */
  readonly code?: string | undefined;
  readonly description?: string | undefined;
  readonly about?: UpstreamErrorTopic | undefined;
}

export type AdviceOptions = Pick<OAuthProxyOptions, "variables" | "advice" | "baseUrl" | "redirectPath">;

interface Cause {
  readonly codes?: readonly string[];
  /** In the description. */
  readonly words?: RegExp;
  /** Sentences that say what to change. */
  readonly advice: (options: AdviceOptions) => string;
}

/** RFC 8707 section 2, and Entra's word for it. */
const TARGET_CODES: readonly string[] = ["invalid_target", "invalid_resource"];

/** Whether the provider doesn't know the API that a token is to be for. */
export function isAboutTarget({ code }: Refusal): boolean {
  return TARGET_CODES.includes(code ?? "");
}

const UNKNOWN_TARGET: Cause = {
  codes: TARGET_CODES,
  words: /\baudience\b|\bresource\b(?! owner)|service not found/i,
  advice: ({ variables }) => targetAdvice(variables),
};

/** The most specific first: a provider says "invalid_request" of nearly anything. */
const CAUSES: readonly Cause[] = [
  {
    words: /\borganization\b/i,
    advice: ({ variables: { organization } }) =>
      `Check ${organization.allowed} (and ${organization.claim}), who is a member of the organization, and at the provider whether the application's logins are through organizations.`,
  },
  {
    words: /\bpkce\b|code[_ ](?:challenge|verifier)/i,
    advice: ({ variables }) =>
      `The provider does not accept PKCE with S256 from the application (RFC 7636). Allow it there${variables.forwardPkce === undefined ? "" : `, or, if it has none, set ${variables.forwardPkce}=false`}.`,
  },
  {
    words: /redirect[_ ]?ur[il]|callback url|reply (?:url|address)/i,
    advice: ({ variables, baseUrl, redirectPath }) =>
      `Check ${variables.clientId}, and the application's allowed callback URLs at the provider: one must be exactly ${baseUrl}${redirectPath}, which comes of ${variables.baseUrl}.`,
  },
  UNKNOWN_TARGET,
  {
    codes: ["invalid_scope"],
    words: /\bscopes?\b|offline_access/i,
    advice: ({ variables, advice }) =>
      `Check that the provider knows the scopes in ${variables.requiredScopes}${variables.offlineAccess === undefined ? "" : ` and, unless ${variables.offlineAccess} is off, offline_access`}. ${advice.missingScopes ?? "Create them at the provider, and allow them for the application."}`,
  },
  {
    codes: ["unauthorized_client", "unsupported_grant_type", "unsupported_response_type"],
    words: /grant[_ ]type|response[_ ]type/i,
    advice: ({ advice }) =>
      `Allow the application the authorization code and refresh token grants at the provider. ${advice.refusedLogin ?? ""}`.trimEnd(),
  },
  {
    codes: ["server_error", "temporarily_unavailable"],
    advice: () => "The provider itself failed. Its own log says more; if no login works, report it there.",
  },
];

function targetAdvice({ audience, targets = [], unusedResource }: AdviceOptions["variables"]): string {
  const names = targets.length > 0 ? nameVariables(...targets) : audience;
  const advice =
    names === undefined
      ? "Register this server's API at the provider, and allow it for the application."
      : `Compare ${names} with the identifier of the API at the provider, and allow the API for the application.`;
  const other =
    unusedResource === undefined
      ? ""
      : ` If the provider takes the parameter resource (RFC 8707), set ${unusedResource} to that identifier.`;
  return advice + other;
}

/** What is wrong with an id token's claims, by the claim that the OAuth library names. */
const ID_TOKEN_FAULTS: readonly (readonly [RegExp, (options: AdviceOptions) => string])[] = [
  [/"id_token" property/, () => "The provider sends no id token. Allow the scope openid for the application there."],
  [
    /"iss"/,
    ({ variables }) =>
      variables.address === undefined
        ? "Its issuer is another one than its tokens name."
        : `Its tokens name another issuer than the document at ${variables.address}.`,
  ],
  [/"aud"|"azp"/, ({ variables }) => `Its tokens are for another application. Check ${variables.clientId}.`],
  [/"exp"|"iat"|"nbf"|"auth_time"/, () => "Compare the clocks of this machine and of the provider."],
  [/"nonce"/, () => "The provider must return the nonce of the login (OpenID Connect Core 1.0 section 3.1.2.1)."],
  [/"alg"/, () => "Have the provider sign the application's id tokens with an algorithm that its metadata lists."],
  [/JWE|decrypt/i, () => "Turn off the encryption of the application's id tokens at the provider."],
];

/** What its operator changes after a refusal: sentences, in the terms of the variables. */
export function refusalAdvice(refusal: Refusal, options: AdviceOptions): string {
  const { code, description = "", about } = refusal;
  const { variables } = options;
  if (about === "look-up") {
    return "";
  }
  if (about === "id-token") {
    const fault = ID_TOKEN_FAULTS.find(([claim]) => claim.test(description));
    return fault?.[1](options) ?? "";
  }
  if (about === "answer") {
    const address = variables.address === undefined ? "" : ` Check ${variables.address}.`;
    return `${ANSWERED_BY_OTHERS}${address}`;
  }
  if (code === "access_denied" && causeOf({ description }) === undefined) {
    const cause =
      variables.audience === undefined
        ? "who may use the application at the provider"
        : `${variables.audience}, and that the application may use that API`;
    return `If nobody can log in, check ${cause}.`;
  }
  return (
    causeOf(refusal)?.advice(options) ??
    `The provider gives no other reason here; its own log may. Check ${nameVariables(variables.audience, variables.baseUrl, variables.clientId)}, and the application's allowed callback URLs and grant types at the provider.`
  );
}

function causeOf({ code, description }: Refusal): Cause | undefined {
  if (isAboutTarget({ code })) {
    return UNKNOWN_TARGET;
  }
  const text = [code, description].join(" ");
  return CAUSES.find(({ codes = [], words }) => codes.includes(code ?? "") || (words?.test(text) ?? false));
}

/**
 * The provider's codes for "this user, not now": those of OpenID Connect Core 1.0 section 3.1.2.6, and what Auth0
 * answers for a blocked user, a user that an Action denies, and a missing second factor. A new login may help.
 */
export const USER_REFUSALS: ReadonlySet<string> = new Set([
  "access_denied",
  "account_selection_required",
  "consent_required",
  "interaction_required",
  "login_required",
  "mfa_required",
  "unauthorized",
]);

/** Variables for a sentence, such as `A, B and C`. Some providers have no use for some of them. */
export function nameVariables(...names: readonly (string | undefined)[]): string {
  const known = [...new Set(names.filter((name) => name !== undefined))];
  const last = known.pop() ?? "";
  return known.length === 0 ? last : `${known.join(", ")} and ${last}`;
}
