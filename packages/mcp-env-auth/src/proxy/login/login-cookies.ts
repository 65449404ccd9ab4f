import type { EndpointCookie, EndpointRequest } from "../../endpoint.ts";
import { timingSafeEqualStrings } from "../../lib/timing-safe-equal.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import type { ProxyContext } from "../context.ts";
import { type AuthorizationRequest, type Login, openToken, sealToken } from "../tokens/sealed-tokens.ts";
import { cookieFor, readCookies, removedCookie } from "./cookies.ts";

/** Seconds that a user has to log in at the provider. */
export const LOGIN_TTL = 600;

const MAX_LOGINS = 3;
const MAX_COOKIE_LENGTH = 2600;
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

/** Whether a login for `request` fits into a cookie. */
export async function loginFits(keyring: Keyring, request: AuthorizationRequest): Promise<boolean> {
  const sample = await sealToken(keyring, "login", { loginId: SAMPLE_ID, expiresAt: Number.MAX_SAFE_INTEGER, request });
  return sample.length < MAX_COOKIE_LENGTH - 200;
}

/** The cookie of a login that begins, after those that take the oldest ones away beyond {@link MAX_LOGINS}. */
export async function keepLogin(
  context: ProxyContext,
  keyring: Keyring,
  { loginId, authorizationRequest, expiresAt, replaces }: ApprovedLogin,
  request: EndpointRequest,
): Promise<readonly EndpointCookie[]> {
  const { options, cookieNames } = context;
  const surplus = await surplusLogins(context, keyring, request, replaces);
  const sealed = await sealToken(keyring, "login", { loginId, expiresAt, request: authorizationRequest });
  return [
    ...surplus.map((id) => removedCookie(cookieNames, purposeOf(id))),
    cookieFor(cookieNames, purposeOf(loginId), sealed, Math.ceil(expiresAt - options.clock())),
  ];
}

/** The login whose id the provider sent back as `state`, if it began in this browser. It may have expired. */
export async function findLogin(
  { cookieNames }: ProxyContext,
  keyring: Keyring,
  state: string,
  request: EndpointRequest,
): Promise<OpenedLogin | undefined> {
  const sealed = readCookies(request, cookieNames).get(purposeOf(state));
  const opened = sealed === undefined ? undefined : await openToken(keyring, "login", sealed);
  return opened && timingSafeEqualStrings(opened.contents.loginId, state)
    ? { ...opened.contents, keyId: opened.keyId }
    : undefined;
}

/** Takes the cookie of a login away. */
export function forgottenLogin({ cookieNames }: ProxyContext, loginId: string): EndpointCookie {
  return removedCookie(cookieNames, purposeOf(loginId));
}

async function surplusLogins(
  { options, cookieNames }: ProxyContext,
  keyring: Keyring,
  request: EndpointRequest,
  replaced: string | undefined,
): Promise<readonly string[]> {
  const logins: { id: string; expiresAt: number }[] = [];
  for (const [purpose, sealed] of readCookies(request, cookieNames)) {
    const id = PURPOSE.exec(purpose)?.[1];
    if (id !== undefined && id !== replaced) {
      const opened = await openToken(keyring, "login", sealed);
      // What does not open is not ours to take away, and ends by itself.
      if (opened !== undefined) {
        logins.push({ id, expiresAt: opened.contents.expiresAt });
      }
    }
  }
  const now = options.clock();
  const oldestFirst = logins.sort((a, b) => a.expiresAt - b.expiresAt);
  const live = oldestFirst.filter(({ expiresAt }) => expiresAt > now).length;
  const dead = oldestFirst.length - live;
  return oldestFirst.slice(0, dead + Math.max(0, live - (MAX_LOGINS - 1))).map(({ id }) => id);
}

function purposeOf(loginId: string): string {
  return `login-${loginId}`;
}
