import { type ProviderAnswer, parseJsonObject } from "./provider-http.ts";
import { lifetimeIn, scopesIn } from "./provider-values.ts";

type Members = Readonly<Record<string, unknown>>;

/** Why a provider gave no tokens, in its own words. */
export interface ProviderRefusal {
  /** `error` (RFC 6749 section 5.2), or what the provider has in its place. */
  readonly code?: string;
  readonly description?: string;
}

/** What a token endpoint answered. */
export type TokenAnswer =
  | { readonly outcome: "tokens"; readonly members: Members }
  | { readonly outcome: "refused"; readonly refusal: ProviderRefusal }
  /** It holds no access token. What it does hold must not be lost. */
  | { readonly outcome: "malformed"; readonly refreshToken?: string };

/**
 * Reads a token endpoint's answer as providers write it, JSON or form-encoded, into the members and types that RFC 6749
 * section 5.1 has. `token_type` is always Bearer: some providers leave it out, or write names of their own.
 */
export function readTokenAnswer(answer: ProviderAnswer): TokenAnswer {
  const body = parseJsonObject(answer.body) ?? parseForm(answer.body);
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  const refusal = isSuccess || body === undefined ? refusalIn(body) : refusalIn({ ...body, ok: false });
  if (!isSuccess || refusal !== undefined) {
    return { outcome: "refused", refusal: refusal ?? {} };
  }
  const accessToken = text(body?.access_token);
  const refreshToken = text(body?.refresh_token);
  if (body === undefined || accessToken === undefined) {
    return { outcome: "malformed", ...(refreshToken !== undefined && { refreshToken }) };
  }
  return { outcome: "tokens", members: standardMembers(body, accessToken, refreshToken) };
}

const REFRESH_LIFETIMES = ["refresh_expires_in", "refresh_token_expires_in"] as const;

function standardMembers(body: Members, accessToken: string, refreshToken: string | undefined): Members {
  const scope = scopesIn(body.scope).join(" ");
  const members = {
    access_token: accessToken,
    token_type: "bearer",
    refresh_token: refreshToken,
    scope: scope === "" ? undefined : scope,
    expires_in: lifetimeIn(body.expires_in),
    id_token: text(body.id_token),
    issued_token_type: text(body.issued_token_type),
    ...Object.fromEntries(REFRESH_LIFETIMES.map((name) => [name, lifetimeIn(body[name])])),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function objectIn(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

/**
 * `error` may be a text, or an object as at Facebook, or `errors` a list of such; Twitch, LinkedIn, Slack, HubSpot,
 * Zoom and frameworks have members of their own.
 */
export function refusalIn(body: Members | undefined): ProviderRefusal | undefined {
  if (body === undefined) {
    return undefined;
  }
  const { error, errors } = body;
  const nested = objectIn(error) ?? objectIn(Array.isArray(errors) ? errors[0] : undefined);
  const code = text(error) ?? text(nested?.type) ?? text(nested?.errorType) ?? text(nested?.code);
  const description = firstText(
    body.error_description,
    nested?.message,
    body.message,
    body.error_message,
    body.errorMessage,
    body.reason,
    body.detail,
    body.msg,
  );
  const isRefusal = code !== undefined || nested !== undefined || body.ok === false || isErrorStatus(body.status);
  const hasToken = text(body.access_token) !== undefined;
  if (!isRefusal || (hasToken && code === undefined)) {
    return undefined;
  }
  return { ...(code !== undefined && { code }), ...(description !== undefined && { description }) };
}

function isErrorStatus(status: unknown): boolean {
  return Number(status) >= 400 && Number(status) <= 599;
}

/** A form has neither blanks nor angle brackets; a web page may well have `&error=` in a link. */
function parseForm(body: string): Members | undefined {
  const form = new URLSearchParams(/^[^\s<>"]*$/.test(body.trim()) ? body.trim() : "");
  return form.has("access_token") || form.has("error") ? Object.fromEntries(form) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.map(text).find((value) => value !== undefined);
}
