import type { Dialect } from "../../client-dialects.ts";
import { sha256Base64url } from "../../lib/secrets.ts";
import type { Keyring, TokenPurpose } from "../../sealing/keyring.ts";
import { type PayloadField, packPayload, unpackPayload } from "../../sealing/payload.ts";
import type { LoginParameters } from "../../upstream/upstream-client.ts";
import type { VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";

/** How a client proves who it is at the token endpoint (RFC 7591 section 2). */
export type ClientAuthMethod = "none" | "client_secret_post" | "client_secret_basic" | "private_key_jwt";

/** Sealed as the client id. */
export interface Registration {
  readonly redirectUris: readonly string[];
  readonly authMethod: ClientAuthMethod;
  readonly applicationType?: "web" | "native";
  readonly name?: string;
  /** Scopes for requests that name none: a default, never a ceiling. */
  readonly scopes?: readonly string[];
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  /** Of a client that authenticates by `private_key_jwt`. */
  readonly keys?: ClientKeys;
  /** `dpop_bound_access_tokens` (RFC 9449 section 5.2): it gets bound tokens only. */
  readonly dpopBound?: true;
}

/** A validated authorization request: what the user is asked to approve. */
export interface AuthorizationRequest {
  readonly clientHash: string;
  readonly redirectUri: string;
  /**
   * Whether the client sent `redirect_uri`, and so must send it again at the token endpoint (RFC 6749 section 4.1.3).
   */
  readonly redirectUriSent: boolean;
  /** Verbatim. */
  readonly state?: string;
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  /** Scopes that the user approved and that the provider refused: the login is a repeated one. */
  readonly withheld?: readonly string[];
  /** `dpop_jkt`: the key that the code is bound to (RFC 9449 section 10). */
  readonly jkt?: string;
  /** What the client wants the provider to ask its user. */
  readonly loginParameters?: LoginParameters;
}

/** The hidden field of the consent page. */
export interface ConsentForm {
  readonly clientId: string;
  /** SHA-256 of the browser cookie that the form is bound to. */
  readonly browserHash: string;
  readonly expiresAt: number;
  readonly request: AuthorizationRequest;
}

/** The login cookie, set once the user has approved. */
export interface Login {
  readonly loginId: string;
  readonly expiresAt: number;
  readonly request: AuthorizationRequest;
  /** When the user approved. Absent in cookies of earlier versions. Seconds since the Unix epoch. */
  readonly startedAt?: number;
}

/** The authorization code that the client gets. */
export interface CodeGrant {
  readonly loginId: string;
  /** The root key that the PKCE verifier and the nonce were derived with. */
  readonly loginKeyId: string;
  readonly clientHash: string;
  readonly redirectHash: string;
  readonly redirectUriSent: boolean;
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  readonly issuedAt: number;
  /** The key that the code is bound to. */
  readonly jkt?: string;
  /** Scopes that the provider refused at the login. */
  readonly withheld?: readonly string[];
  /** When the user may have logged in at the earliest (`max_age`), seconds since the Unix epoch. */
  readonly earliestLogin?: number;
  readonly providerCode: string;
}

interface TokenGrant {
  readonly tokenId: string;
  /** All tokens that stem from one login. */
  readonly family: string;
  /** When its user logged in, seconds since the Unix epoch. */
  readonly loginTime: number;
  readonly expiresAt: number;
  readonly subjectHash: string;
  readonly clientHash: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  /** The thumbprint of the key that the token is bound to (RFC 9449 section 6). */
  readonly jkt?: string;
}

/** The access token that the client gets. */
export interface AccessGrant extends TokenGrant {
  readonly providerToken: string;
  /** Whom the login's id token named, where the provider's access token names nobody. */
  readonly subject?: string;
  /** The claim that named them, where the configuration names another than `sub`. */
  readonly subjectClaim?: string;
  /** Scopes that the client asked for and that the provider did not grant. */
  readonly withheld?: readonly string[];
  /** What the provider said of a token that can't be verified here: an opaque one. */
  readonly verified?: VerifiedUpstreamToken;
  /** How its client is told of refusals, where that is not how most are. */
  readonly dialect?: Dialect;
}

/**
 * The refresh token that the client gets. `scopes` are those of the login, however far an access token was narrowed.
 */
export interface RefreshGrant extends TokenGrant {
  /** How many refreshes there were since the login. */
  readonly generation: number;
  /** The organization that the login was through, where it was through one. */
  readonly organizationHash?: string;
  /** Scopes that the provider refused at the login, or at the last refresh. */
  readonly withheld?: readonly string[];
  /** Of a client with a metadata document: it was public when the session began, so its refreshes need no document. */
  readonly publicClient?: true;
  readonly providerToken: string;
}

/** A token endpoint answer, kept for the grace period of a refresh. */
export interface KeptAnswer {
  /** The id it is kept under, so that no stored answer passes for another. */
  readonly answerId: string;
  readonly response: TokenResponse;
}

/** What the provider answered to a code or a refresh token, kept until the client has got its tokens for it. */
export interface KeptExchange {
  /** The id of that code or refresh token, so that no stored answer passes for another. */
  readonly exchangeId: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt?: number;
  readonly refreshExpiresAt?: number;
  readonly scope?: string;
  readonly idToken?: string;
}

/** RFC 6749 section 5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  readonly expires_in: number;
  readonly refresh_token?: string;
  /** Absent: none. */
  readonly scope?: string;
}

/** What is sealed for each purpose. */
export interface SealedContents {
  readonly client: Registration;
  readonly consent: ConsentForm;
  readonly login: Login;
  readonly code: CodeGrant;
  readonly access: AccessGrant;
  readonly refresh: RefreshGrant;
  readonly answer: KeptAnswer;
  readonly exchange: KeptExchange;
}

type FieldNames = { readonly [P in TokenPurpose]: readonly (keyof SealedContents[P])[] };

/**
 * The order that fields are packed in: names cost room in every token. A change of order needs a new format version.
 */
const FIELDS: FieldNames = {
  client: ["redirectUris", "authMethod", "applicationType", "name", "scopes", "issuedAt", "keys", "dpopBound"],
  consent: ["clientId", "browserHash", "expiresAt", "request"],
  login: ["loginId", "expiresAt", "request", "startedAt"],
  code: [
    "loginId",
    "loginKeyId",
    "clientHash",
    "redirectHash",
    "redirectUriSent",
    "codeChallenge",
    "scopes",
    "resource",
    "issuedAt",
    "providerCode",
  ],
  access: [
    "tokenId",
    "family",
    "loginTime",
    "expiresAt",
    "subjectHash",
    "clientHash",
    "scopes",
    "resource",
    "verified",
    "providerToken",
  ],
  refresh: [
    "tokenId",
    "family",
    "generation",
    "loginTime",
    "expiresAt",
    "subjectHash",
    "clientHash",
    "organizationHash",
    "scopes",
    "resource",
    "providerToken",
  ],
  answer: ["answerId", "response"],
  exchange: ["exchangeId", "expiresAt", "refreshToken", "refreshExpiresAt", "scope", "idToken", "accessToken"],
};

/** Purposes whose last field is the provider's own token or code, and travels as bytes. */
const NESTING: ReadonlySet<TokenPurpose> = new Set(["code", "access", "refresh", "exchange"]);

/** Purposes that are compressed. A login's id, next to which a client may write what it likes, is new each time. */
const DEFLATED: ReadonlySet<TokenPurpose> = new Set(["access", "login"]);

/** Stand before the nested field, as far as the last one that a token has: most have none, and no room for them. */
const RARE = ["jkt", "subject", "subjectClaim", "withheld", "publicClient", "earliestLogin", "dialect"] as const;

type FieldName<P extends TokenPurpose> = keyof SealedContents[P] | (typeof RARE)[number];

function fieldsOf<P extends TokenPurpose>(purpose: P, rare: number): readonly FieldName<P>[] {
  const fields: readonly FieldName<P>[] = FIELDS[purpose];
  return rare > 0 && NESTING.has(purpose)
    ? [...fields.slice(0, -1), ...RARE.slice(0, rare), ...fields.slice(-1)]
    : fields;
}

function rareFieldsIn(contents: { readonly [Name in (typeof RARE)[number]]?: unknown }): number {
  return RARE.findLastIndex((name) => contents[name] !== undefined) + 1;
}

/** Bytes. What is longer could be sealed, deflated, and then not opened: inflating has a limit. */
const MAX_CONTENTS = 60_000;

/**
 * Seals `contents` as a token of `purpose`.
 *
 * @throws RangeError when they are too long to be opened again.
 */
export async function sealToken<P extends TokenPurpose>(
  keyring: Keyring,
  purpose: P,
  contents: SealedContents[P],
): Promise<string> {
  const fields = fieldsOf(purpose, rareFieldsIn(contents as object)) as readonly (keyof SealedContents[P])[];
  const values = fields.map((name) => (contents[name] ?? null) as PayloadField);
  if (Buffer.byteLength(JSON.stringify(values)) > MAX_CONTENTS) {
    throw new RangeError(`The contents of the ${purpose} token are longer than ${MAX_CONTENTS} bytes.`);
  }
  const nested = NESTING.has(purpose) ? (values.pop() as string) : undefined;
  if (nested === undefined) {
    while (values.at(-1) === null) {
      values.pop();
    }
  }
  return keyring.seal(purpose, packPayload(values, { nested, deflate: DEFLATED.has(purpose) }));
}

/** Opens a token of `purpose`, or gives `undefined` when it is none. Expiry is the caller's to check. */
export async function openToken<P extends TokenPurpose>(
  keyring: Keyring,
  purpose: P,
  token: string,
): Promise<{ readonly contents: SealedContents[P]; readonly keyId: string } | undefined> {
  const opened = await keyring.open(purpose, token);
  const unpacked = opened && unpackPayload(opened.payload);
  if (opened === undefined || unpacked === undefined) {
    return undefined;
  }
  const values = [...unpacked.fields, ...(unpacked.nested === undefined ? [] : [unpacked.nested])];
  const fields = fieldsOf(purpose, values.length - FIELDS[purpose].length);
  const entries = fields.map((name, index) => [name, values[index]] as const);
  const contents = Object.fromEntries(
    entries.filter(([, value]) => value !== null && value !== undefined),
  ) as unknown as SealedContents[P];
  return { contents, keyId: opened.keyId };
}

/** The keys by which a client signs its assertions: its own list, or where that is found. */
export interface ClientKeys {
  readonly jwks?: readonly PublicJwk[];
  readonly jwksUri?: string;
  /** The one algorithm that the client signs with, if it says so. */
  readonly algorithm?: string;
}

/** A public key as it is kept: what verification needs, and no more. */
export type PublicJwk = { readonly [member: string]: string };

/**
 * What tokens, denials and log lines name a client or a user by: SHA-256 of its id, cut to 128 bits, as 22 characters
 * of base64url. Whole hashes would make every access token a tenth longer and nothing safer.
 */
export function identityHash(id: string): string {
  return sha256Base64url(id).slice(0, 22);
}
