import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import type { AccessToken } from "../access-token.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Clock } from "../lib/clock.ts";
import { deriveIdentityKey } from "./identity-keys.ts";

/** Where upstreams find the keys of the JWTs that name users. */
export const IDENTITY_KEYS = "/.well-known/mcp-identity-jwks.json";

/** What tells such a JWT from an access token (RFC 8725 section 3.11). */
const IDENTITY_TYPE = "mcp-identity+jwt";

/** The longest life of such a JWT, seconds. */
const LIFETIME = 300;

/** One that has less left is made anew, seconds. */
const LEAST_LEFT = 60;

const SECRET_BYTES = 64;

/** Seconds that the key set may be cached. */
const KEYS_MAX_AGE = 300;

/** How an upstream learns whose request it is: FASTMCP_UPSTREAM_IDENTITY. */
export type IdentityKind = "none" | "jwt" | "headers";

export interface IdentityOptions {
  readonly kind: IdentityKind;
  /** What the JWT is for: the upstream's address. */
  readonly audience: string;
  /** Who says it: BASE_URL, or the gateway's own address. */
  readonly issuer: string;
  /** Of 64 bytes: the current one, and those that were current. Empty: this process makes a key of its own. */
  readonly secrets: readonly Uint8Array[];
  readonly clock: Clock;
}

/** Tells an upstream whose request it is. */
export interface Identity {
  /** The headers that name the user of `token`. */
  headersFor(token: AccessToken | undefined): Promise<Readonly<Record<string, string>>>;
  readonly endpoints: readonly Endpoint[];
}

export function createIdentity(options: IdentityOptions): Identity {
  switch (options.kind) {
    case "none":
      return { headersFor: async () => ({}), endpoints: [] };
    case "headers":
      return { headersFor: async (token) => plainHeaders(token), endpoints: [] };
    case "jwt":
      return signedIdentity(options);
  }
}

function signedIdentity({ audience, issuer, secrets, clock }: IdentityOptions): Identity {
  const all = secrets.length === 0 ? [randomBytes(SECRET_BYTES)] : secrets;
  const keys = all.map(deriveIdentityKey);
  const [current] = keys;
  if (current === undefined) {
    throw new RangeError("There is no key to sign with.");
  }
  const { privateKey, publicKey } = current;
  const signed = new WeakMap<AccessToken, { readonly jwt: string; readonly until: number }>();

  async function sign(token: AccessToken, now: number): Promise<string> {
    const until = Math.min(now + LIFETIME, Math.floor(token.expiresAt));
    const { subject, clientId, scopes, organization, roles } = token;
    const claims = {
      client_id: clientId,
      scope: scopes.join(" "),
      ...(organization !== undefined && { organization }),
      ...(roles !== undefined && { roles }),
    };
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: publicKey.alg, typ: IDENTITY_TYPE, kid: publicKey.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setIssuedAt(now)
      .setExpirationTime(until)
      .sign(privateKey);
    signed.set(token, { jwt, until });
    return jwt;
  }

  return {
    async headersFor(token) {
      if (token === undefined) {
        return {};
      }
      const now = Math.floor(clock());
      const known = signed.get(token);
      const jwt = known !== undefined && known.until - now >= LEAST_LEFT ? known.jwt : await sign(token, now);
      return { authorization: `Bearer ${jwt}` };
    },
    endpoints: [
      {
        path: IDENTITY_KEYS,
        methods: ["GET"],
        body: "none",
        crossOrigin: true,
        limit: "requests",
        headers: { "Cache-Control": `public, max-age=${KEYS_MAX_AGE}` },
        handle: async () => ({ status: 200, body: { json: { keys: keys.map((key) => key.publicKey) } } }),
      },
    ],
  };
}

/** Percent-encoded: a value may hold anything, a line break and a comma among it. */
function plainHeaders(token: AccessToken | undefined): Record<string, string> {
  if (token === undefined) {
    return {};
  }
  const { subject, clientId, scopes, organization } = token;
  return {
    "x-forwarded-user": encode(subject),
    "x-forwarded-client": encode(clientId),
    "x-forwarded-scope": encode(scopes.join(" ")),
    ...(organization !== undefined && { "x-forwarded-organization": encode(organization) }),
  };
}

/** Lone surrogates become U+FFFD, since no text in UTF-8 has them. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
