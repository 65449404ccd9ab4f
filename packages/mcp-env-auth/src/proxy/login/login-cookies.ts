import type { EndpointCookie, EndpointRequest } from "../../endpoint.ts";
import { timingSafeEqualStrings } from "../../lib/secrets.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import type { ProxyContext } from "../context.ts";
import { type AuthorizationRequest, type Login, openToken, sealToken } from "../tokens/sealed-tokens.ts";
import { type CookieNames, cookieFor, readCookies, removedCookie } from "./cookies.ts";

/** Seconds that a user has to log in at the provider. */
export const LOGIN_TTL = 3600;

/** What it was for logins that don't say when they began. */
const EARLIER_LOGIN_TTL = 600;

/** Seconds that the cookie of a login outlives it: who comes late is told so, and not that the browser is another. */
const EXPIRED_LOGIN_TTL = 3600;

/** Browsers keep 4096 bytes of name and value (RFC 6265 section 6.1). */
const MAX_COOKIE_LENGTH = 3900;

/** Versions before wrote long logins in two. */
const MAX_COOKIES = 2;

/** All our cookies in one browser: many proxies take 8 KB in a header, and there are others. */
const MAX_TOTAL_LENGTH = 6144;
const PURPOSE = /^login-([\w-]+)(?:\.\d)?$/;
const SAMPLE_ID = "-".repeat(22);

/** What a browser is sent to the provider for. */
export interface ApprovedLogin {
  /** Random: the `state` at the provider. */
  readonly loginId: string;
  readonly authorizationRequest: AuthorizationRequest;
  /** When the user approved, seconds since the Unix epoch. */
  readonly startedAt: number;
  /** When the approval ends, seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** The id of a login that this one takes the place of. */
  readonly replaces?: string;
}

/** A login that is under way in this browser. */
export interface OpenedLogin extends Login {
  /** The root key that it began with. */
  readonly keyId: string;
}

/** Whether a login for `request` fits into cookies. */
export async function loginFits(keyring: Keyring, request: AuthorizationRequest): Promise<boolean> {
  const [expiresAt, startedAt] = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const sample = await sealToken(keyring, "login", { loginId: SAMPLE_ID, expiresAt, request, startedAt });
  return sample.length <= MAX_COOKIE_LENGTH - 200;
}

/** The cookies of a login that begins, after the removal of the oldest logins that there is no room for. */
export async function keepLogin(
  context: ProxyContext,
  keyring: Keyring,
  { loginId, authorizationRequest, startedAt, expiresAt, replaces }: ApprovedLogin,
  request: EndpointRequest,
): Promise<readonly EndpointCookie[]> {
  const { options, cookieNames } = context;
  const sealed = await sealToken(keyring, "login", { loginId, expiresAt, request: authorizationRequest, startedAt });
  const kept = (await keptLogins(context, keyring, request)).filter(({ id }) => id !== replaces);
  const others = [...readCookies(request, cookieNames)].filter(([purpose]) => !PURPOSE.test(purpose));
  const purpose = loginPurpose(loginId);
  const taken = lengthOf(cookieNames, [...others, [purpose, sealed]]);
  const surplus = surplusLogins(kept, MAX_TOTAL_LENGTH - taken);
  const maxAge = Math.ceil(expiresAt - options.clock()) + EXPIRED_LOGIN_TTL;
  return [
    ...surplus.flatMap(({ id }) => forgottenLogin(context, id, request)),
    cookieFor(cookieNames, purpose, sealed, maxAge),
  ];
}

/** When a login began, in seconds since the Unix epoch. */
export function loginStart({ startedAt, expiresAt }: Login): number {
  return startedAt ?? expiresAt - EARLIER_LOGIN_TTL;
}

/** The login whose id the provider sent back as `state`, if it began in this browser. It may have expired. */
export async function findLogin(
  { cookieNames }: ProxyContext,
  keyring: Keyring,
  state: string,
  request: EndpointRequest,
): Promise<OpenedLogin | undefined> {
  const sealed = joinLogin(readCookies(request, cookieNames), state);
  const opened = sealed === "" ? undefined : await openToken(keyring, "login", sealed);
  return opened && timingSafeEqualStrings(opened.contents.loginId, state)
    ? { ...opened.contents, keyId: opened.keyId }
    : undefined;
}

/** Takes away the cookies of a login that came with `request`. */
export function forgottenLogin(
  { cookieNames }: ProxyContext,
  loginId: string,
  request: EndpointRequest,
): readonly EndpointCookie[] {
  const cookies = readCookies(request, cookieNames);
  return purposesOf(loginId)
    .filter((purpose) => cookies.has(purpose))
    .map((purpose) => removedCookie(cookieNames, purpose));
}

interface KeptLogin {
  readonly id: string;
  /** 0 for what doesn't open, such as after a change of keys. */
  readonly startedAt: number;
  /** Characters of its cookies in the header. */
  readonly length: number;
}

/** The logins in the browser's cookies, also those that have expired. */
async function keptLogins(
  { cookieNames }: ProxyContext,
  keyring: Keyring,
  request: EndpointRequest,
): Promise<readonly KeptLogin[]> {
  const cookies = readCookies(request, cookieNames);
  const ids = new Set([...cookies.keys()].flatMap((purpose) => PURPOSE.exec(purpose)?.[1] ?? []));
  return Promise.all(
    [...ids].map(async (id) => {
      const parts = purposesOf(id).flatMap((purpose) => {
        const value = cookies.get(purpose);
        return value === undefined ? [] : [[purpose, value] as const];
      });
      const opened = await openToken(keyring, "login", joinLogin(cookies, id));
      const startedAt = opened === undefined ? 0 : loginStart(opened.contents);
      return { id, startedAt, length: lengthOf(cookieNames, parts) };
    }),
  );
}

/** The oldest of `logins` beyond `room` characters. */
function surplusLogins(logins: readonly KeptLogin[], room: number): readonly KeptLogin[] {
  const newestFirst = logins.toSorted((a, b) => b.startedAt - a.startedAt);
  let left = room;
  return newestFirst.filter(({ length }) => {
    left -= length;
    return left < 0;
  });
}

/** Characters of cookies in the `Cookie` header, each with what separates it from the next. */
function lengthOf(names: CookieNames, cookies: readonly (readonly [purpose: string, value: string])[]): number {
  return cookies.reduce((sum, [purpose, value]) => sum + names.for(purpose).length + "=; ".length + value.length, 0);
}

/** The sealed login, from its cookies. Empty where there are none. */
function joinLogin(cookies: ReadonlyMap<string, string>, loginId: string): string {
  return purposesOf(loginId)
    .map((purpose) => cookies.get(purpose) ?? "")
    .join("");
}

function purposesOf(loginId: string): readonly string[] {
  return Array.from({ length: MAX_COOKIES }, (_, index) => `${loginPurpose(loginId)}${index === 0 ? "" : `.${index}`}`);
}

function loginPurpose(loginId: string): string {
  return `login-${loginId}`;
}
