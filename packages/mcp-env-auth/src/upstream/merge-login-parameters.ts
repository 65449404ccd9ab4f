import type { LoginParameters } from "./upstream-client.ts";

type Params = Readonly<Record<string, string>>;

/** Which values of `prompt` a provider takes. */
export interface PromptSupport {
  /** Those of OpenID Connect Core 1.0 section 3.1.2.1 that it knows. Default: what its metadata lists, else all. */
  readonly values?: readonly string[] | undefined;
  /** Whether it refuses more than one at a time. Default false. */
  readonly single?: boolean;
}

/**
 * Merges the `configured` parameters of an authorization request, which win, with those that the client `requested`.
 * `prompt` gets the values of both, but `none` stands alone (OpenID Connect Core 1.0 section 3.1.2.1). Where the
 * provider takes one only, the configured one stays, unless the client's does the same and more. Of two `max_age`, the
 * lesser satisfies both.
 */
export function mergeLoginParameters(
  configured: Params,
  requested: LoginParameters = {},
  support: PromptSupport = {},
): Params {
  const { prompt: requestedPrompt, ...others } = requested;
  const prompt = mergePrompts(split(configured.prompt), split(requestedPrompt), support);
  const maxAge = [configured.max_age, requested.max_age].filter((seconds) => seconds !== undefined).map(Number);
  return {
    ...others,
    ...configured,
    ...(prompt.length > 0 && { prompt: prompt.join(" ") }),
    ...(maxAge.length === 2 && maxAge.every(Number.isFinite) && { max_age: String(Math.min(...maxAge)) }),
  };
}

/** Values of `prompt` by which the provider asks who the user is, although they are logged in there. */
const ACCOUNT_PROMPTS = ["login", "select_account"];

/**
 * The `prompt` that has the provider ask who the user is. `undefined` where it takes none that does, or where the
 * `configured` one leaves no room for it.
 */
export function accountPromptOf(
  configured: string | undefined,
  { values, single = false }: PromptSupport,
): string | undefined {
  const own = split(configured);
  const isFull = own.includes("none") || (single && own.some((prompt) => !ACCOUNT_PROMPTS.includes(prompt)));
  return isFull ? undefined : ACCOUNT_PROMPTS.find((prompt) => values?.includes(prompt) ?? true);
}

function mergePrompts(
  configured: readonly string[],
  requested: readonly string[],
  { values, single = false }: PromptSupport,
): readonly string[] {
  if (configured.includes("none")) {
    return configured;
  }
  const known = requested.filter((prompt) => values === undefined || values.includes(prompt));
  const merged = [...new Set([...configured, ...known])];
  return single ? strongest(merged) : merged;
}

/** Whoever has to enter a password is asked who they are by that. */
function strongest(merged: readonly string[]): readonly string[] {
  const [first, ...others] = merged;
  return first === "select_account" && others.includes("login") ? ["login"] : merged.slice(0, 1);
}

function split(prompt: string | undefined): readonly string[] {
  return (prompt ?? "").split(" ").filter((value) => value !== "");
}
