import { OAuthError, type OAuthErrorCode } from "../../errors.ts";
import { printable } from "../../upstream/provider-values.ts";
import type { UpstreamMetadata } from "../../upstream/upstream-client.ts";
import { describable, type Parameters } from "../protocol/parameters.ts";
import { type AdviceOptions, refusalAdvice, USER_REFUSALS } from "../protocol/refusal-advice.ts";

const MAX_CODE_LENGTH = 4096;

/** What the provider answered at the callback. */
export type ProviderResponse =
  | { readonly code: string }
  /** `error` is for the client, `logMessage` for the operator. */
  | { readonly error: OAuthError; readonly logMessage: string };

const PASSED_ON: readonly OAuthErrorCode[] = ["invalid_scope", "temporarily_unavailable"];

/** Shorter hints stand for nobody, and taking them out would garble the message. */
const MIN_HINT_LENGTH = 3;

/** In characters: far more than is shown of what a provider says of an error. Anybody can send more. */
const MAX_SAID_LENGTH = 1000;

/** What may be an e-mail address. Looking for one in each takes linear time, other than in the text. */
const WORD = /[^\s"'<>():;,]+/g;

/** The middle of an e-mail address, as it is or form-encoded. */
const AT = /[^@](?:@|%40)[^@]/i;

/** The provider's answer without the login's `login_hint` in what it says of an error: no message may repeat that. */
export function withoutHint(parameters: Parameters, hint = ""): Parameters {
  if (hint.length < MIN_HINT_LENGTH) {
    return parameters;
  }
  const pattern = new RegExp(hint.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  return withErrors(parameters, (text) => {
    const clean = text.slice(0, MAX_SAID_LENGTH).replace(pattern, "(login_hint)");
    // What was cut may end with a part of the hint.
    return text.length > MAX_SAID_LENGTH ? `${clean.slice(0, Math.max(0, clean.length - hint.length))}...` : clean;
  });
}

/**
 * The provider's answer without e-mail addresses in what it says of an error. For an answer whose login is unknown, and
 * so is its `login_hint`, which may be one.
 */
export function withoutAddresses(parameters: Parameters): Parameters {
  const clean = (text: string) => text.replace(WORD, (word) => (AT.test(word) ? "(address)" : word));
  // Twice as far as is shown, so that no address is cut before it is found: none is that long.
  return withErrors(parameters, (text) => clean(text.slice(0, 2 * MAX_SAID_LENGTH)).slice(0, MAX_SAID_LENGTH));
}

function withErrors(parameters: Parameters, clean: (text: string) => string): Parameters {
  const cleanOf = (name: string, value: string) => (name.startsWith("error") ? clean(value) : value);
  return {
    ...parameters,
    get(name) {
      const value = parameters.get(name);
      return value && cleanOf(name, value);
    },
    getAll: (name) => parameters.getAll(name).map((value) => cleanOf(name, value)),
  };
}

/**
 * Reads the provider's authorization response (RFC 6749 section 4.1.2), and its issuer where it sends one (RFC 9207).
 */
export function readProviderResponse(
  parameters: Parameters,
  metadata: UpstreamMetadata,
  options: AdviceOptions,
): ProviderResponse {
  const issuer = parameters.get("iss");
  if (parameters.repeated.size > 0) {
    return failure("The identity provider's answer has a parameter twice.", parameters);
  }
  if (metadata.issuer !== undefined && (issuer ?? (metadata.sendsIssuer ? "" : metadata.issuer)) !== metadata.issuer) {
    const message = "The answer at the callback is not from the identity provider that the user was sent to.";
    const named = issuer === undefined ? "names no issuer" : `names the issuer ${printable(issuer)}`;
    return failure(message, parameters, ` It ${named}, expected ${metadata.issuer}, exactly.`);
  }
  const error = parameters.get("error");
  if (error !== undefined) {
    return refusal(error, parameters, options);
  }
  const code = parameters.get("code");
  if (code === undefined || code.length > MAX_CODE_LENGTH) {
    return failure(`The identity provider's code is ${code === undefined ? "missing" : "too long"}.`, parameters);
  }
  return { code };
}

/** What the provider says in an answer that can't be read otherwise: a sentence, or nothing. Anybody can send one. */
export function describeProviderError(parameters: Parameters): string {
  const said = providerWords(parameters);
  return said === undefined ? "" : ` It says: ${said}.`;
}

function providerWords(parameters: Parameters): string | undefined {
  const words = ["error", "error_description"].map((name) => parameters.getAll(name)[0] ?? "");
  const secrets = ["code", "state"].flatMap((name) => parameters.getAll(name)).filter(({ length }) => length > 8);
  const text = words.filter((word) => word !== "").join(": ");
  return printable(text, secrets) || undefined;
}

function failure(message: string, parameters: Parameters, detail = ""): ProviderResponse {
  return {
    error: new OAuthError("server_error", message),
    logMessage: `${message}${detail}${describeProviderError(parameters)}`,
  };
}

function refusal(providerCode: string, parameters: Parameters, options: AdviceOptions): ProviderResponse {
  const code = clientCode(providerCode);
  const description = parameters.get("error_description");
  const said = describable(description === undefined ? providerCode : `${providerCode}: ${description}`, 240);
  const message = `The identity provider refused the login (${said})`;
  const advice = refusalAdvice({ code: providerAdviceCode(code, providerCode), description }, options);
  return {
    error: new OAuthError(code, message),
    logMessage: `The identity provider refused the login (${providerWords(parameters)}). ${advice}`,
  };
}

/** Every refusal of this user has the same advice. */
function providerAdviceCode(code: OAuthErrorCode, providerCode: string): string {
  return code === "access_denied" ? code : providerCode;
}

function clientCode(providerCode: string): OAuthErrorCode {
  if (USER_REFUSALS.has(providerCode)) {
    return "access_denied";
  }
  return PASSED_ON.find((code) => code === providerCode) ?? "server_error";
}
