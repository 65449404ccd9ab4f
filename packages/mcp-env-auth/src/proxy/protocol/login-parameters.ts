import { OAuthError } from "../../errors.ts";
import type { LoginParameters } from "../../upstream/upstream-client.ts";
import type { Parameters } from "./parameters.ts";

/** Not `none`: without asking the user, a client gets nothing here. */
const PROMPTS = ["login", "consent", "select_account"];

const MAX_HINT_LENGTH = 256;
const LOCALES = /^[A-Za-z0-9-]{1,35}(?: [A-Za-z0-9-]{1,35}){0,9}$/;
const SECONDS = /^\d{1,9}$/;

/**
 * Reads how a client wants its user to be asked by the provider (OpenID Connect Core 1.0 section 3.1.2.1). Values that
 * no provider understands are left out, because these are wishes. `max_age` is a demand.
 *
 * @throws OAuthError `invalid_request` for a `max_age` that is not a number of seconds.
 */
export function readLoginParameters(parameters: Parameters): LoginParameters | undefined {
  const maxAge = parameters.get("max_age");
  if (maxAge !== undefined && !SECONDS.test(maxAge)) {
    throw new OAuthError("invalid_request", "The max_age is not a number of seconds.");
  }
  const prompts = PROMPTS.filter((prompt) => parameters.get("prompt")?.split(" ").includes(prompt));
  const hint = parameters.get("login_hint");
  const locales = parameters.get("ui_locales");
  const found = {
    ...(prompts.length > 0 && { prompt: prompts.join(" ") }),
    ...(hint !== undefined && hint.length <= MAX_HINT_LENGTH && { login_hint: hint }),
    ...(locales !== undefined && LOCALES.test(locales) && { ui_locales: locales }),
    ...(maxAge !== undefined && { max_age: maxAge }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}
