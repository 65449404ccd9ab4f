import type { EndpointCookie, EndpointRequest } from "../../endpoint.ts";
import { timingSafeEqualStrings } from "../../lib/secrets.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import type { ProxyContext } from "../context.ts";
import { type AuthorizationRequest, type Login, openToken, sealToken } from "../tokens/sealed-tokens.ts";
import { cookieFor, readCookies, removedCookie } from "./cookies.ts";

/** Seconds that a user has to log in at the provider. */
export const LOGIN_TTL = 600;

const MAX_LOGINS = 3;

/** Browsers keep 4096 bytes of name and value (RFC 6265 section 6.1). A longer login takes several cookies. */
const MAX_COOKIE_LENGTH = 3600;
const MAX_COOKIES = 2;

/** All logins of a browser together: many proxies take 8 KB in a header. */
const MAX_TOTAL_LENGTH = 7500;
const PURPOSE = /^login-([\w-]+)$/;
const SAMPLE_ID = "-".repeat(22);

/** What a browser is sent to the provider for. */
export interface ApprovedLogin {
  /** Random: the `state` at the provider. */
  readonly loginId: string;
  readonly authorizationRequest: AuthorizationRequest;
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
  const sample = await sealToken(keyring, "login", { loginId: SAMPLE_ID, expiresAt: Number.MAX_SAFE_INTEGER, request });
  return sample.length < MAX_COOKIE_LENGTH * MAX_COOKIES - 200;
}

/** The cookies of a login that begins, after the removal of the oldest logins that there is no room for. */
export async function keepLogin(
  context: ProxyContext,
  keyring: Keyring,
  { loginId, authorizationRequest, expiresAt, replaces }: ApprovedLogin,
  request: EndpointRequest,
): Promise<readonly EndpointCookie[]> {
  const { options, cookieNames } = context;
  const sealed = await sealToken(keyring, "login", { loginId, expiresAt, request: authorizationRequest });
  const others = (await openLogins(context, keyring, request)).filter(({ id }) => id !== replaces);
  const surplus = surplusLogins(others, options.clock(), MAX_TOTAL_LENGTH - sealed.length);
  const maxAge = Math.ceil(expiresAt - options.clock());
  const parts = purposesOf(loginId).map((purpose, index) => {
    const start = index * MAX_COOKIE_LENGTH;
    return [purpose, sealed.slice(start, start + MAX_COOKIE_LENGTH)] as const;
  });
  return [
    ...surplus.flatMap(({ id }) => forgottenLogin(context, id, request)),
    ...parts.flatMap(([purpose, part]) => (part === "" ? [] : [cookieFor(cookieNames, purpose, part, maxAge)])),
  ];
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
  readonly expiresAt: number;
  /** Characters in its cookies. */
  readonly length: number;
}

/** The logins in the browser's cookies. What doesn't open is not ours to take away, and ends by itself. */
async function openLogins(
  { cookieNames }: ProxyContext,
  keyring: Keyring,
  request: EndpointRequest,
): Promise<readonly KeptLogin[]> {
  const cookies = readCookies(request, cookieNames);
  const ids = [...cookies.keys()].flatMap((purpose) => PURPOSE.exec(purpose)?.[1] ?? []);
  const logins = await Promise.all(
    ids.map(async (id) => {
      const sealed = joinLogin(cookies, id);
      const opened = await openToken(keyring, "login", sealed);
      return opened && { id, expiresAt: opened.contents.expiresAt, length: sealed.length };
    }),
  );
  return logins.filter((login) => login !== undefined);
}

/** Those of `logins` that have ended, and the oldest ones beyond {@link MAX_LOGINS} or `room` characters. */
function surplusLogins(logins: readonly KeptLogin[], now: number, room: number): readonly KeptLogin[] {
  const newestFirst = logins.toSorted((a, b) => b.expiresAt - a.expiresAt);
  let left = room;
  return newestFirst.filter(({ expiresAt, length }, index) => {
    left -= length;
    return expiresAt <= now || index >= MAX_LOGINS - 1 || left < 0;
  });
}

/** The sealed login, from its cookies. Empty where there are none. */
function joinLogin(cookies: ReadonlyMap<string, string>, loginId: string): string {
  return purposesOf(loginId)
    .map((purpose) => cookies.get(purpose) ?? "")
    .join("");
}

function purposesOf(loginId: string): readonly string[] {
  return Array.from({ length: MAX_COOKIES }, (_, index) => `login-${loginId}${index === 0 ? "" : `.${index}`}`);
}
