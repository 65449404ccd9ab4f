import { createKeyring, type Keyring, type RootKeys, type TokenPurpose } from "../../sealing/keyring.ts";
import type { OAuthProxyOptions } from "../options.ts";
import type { IssuedTokens } from "./issued-tokens.ts";
import { identityHash, openToken, type SealedContents } from "./sealed-tokens.ts";

/** Under which of this configuration's keys a value is sealed. */
export type SealingKey = "current" | "previous" | "registrations" | "unknown";

/** What a value is that looks like one of this server's. Holds nothing of its content that is a secret. */
export interface RecognizedValue {
  /** `undefined`: it does not open, since its key is unknown, or belongs to another server, provider or epoch. */
  readonly purpose: TokenPurpose | undefined;
  readonly key: SealingKey;
  /** The `kid` of its header; `undefined` for a reference. */
  readonly keyId: string | undefined;
  /** Seconds since the Unix epoch. */
  readonly expiresAt?: number;
  /** As the log names the client that it is of. */
  readonly clientHash?: string;
  /** What users read of that client, where it registered with a name. */
  readonly clientName?: string;
}

export interface RecognizeOptions {
  readonly options: Pick<OAuthProxyOptions, "rootKeys" | "registrationKeys" | "issuer">;
  readonly clientKeyring: Keyring;
  /** `undefined` until the provider is known: then only client ids are recognized. */
  readonly sessionKeyring: Keyring | undefined;
  readonly issuedTokens: IssuedTokens;
}

const SESSION_PURPOSES = ["access", "refresh", "code", "login", "consent", "answer", "exchange"] as const;

/** Says what `value` is, of all that this server seals; `undefined` for what is no such thing. Judges nothing. */
export async function recognizeValue(
  value: string,
  { options, clientKeyring, sessionKeyring, issuedTokens }: RecognizeOptions,
): Promise<RecognizedValue | undefined> {
  if (value.startsWith("ref_")) {
    return sessionKeyring && recognizeReference(value, sessionKeyring, issuedTokens);
  }
  const keyId = keyIdOf(value);
  if (keyId === undefined) {
    return undefined;
  }
  const key = keyNamed(keyId, options);
  const retired = options.registrationKeys ?? [];
  const keyrings: readonly (readonly [Keyring, readonly TokenPurpose[]])[] = [
    [clientKeyring, ["client"]],
    ...(retired.length > 0 ? [[createKeyring(retired, [options.issuer, "registration"]), ["client"]] as const] : []),
    ...(sessionKeyring === undefined ? [] : [[sessionKeyring, SESSION_PURPOSES] as const]),
  ];
  for (const [keyring, purposes] of keyrings) {
    for (const purpose of purposes) {
      const contents = (await openToken(keyring, purpose, value))?.contents;
      if (contents !== undefined) {
        return { purpose, key, keyId, ...describeContents(value, purpose, contents) };
      }
    }
  }
  return { purpose: undefined, key, keyId };
}

async function recognizeReference(
  value: string,
  keyring: Keyring,
  issuedTokens: IssuedTokens,
): Promise<RecognizedValue | undefined> {
  for (const purpose of ["access", "refresh"] as const) {
    const grant = await issuedTokens.open(keyring, purpose, value);
    if (grant !== undefined) {
      return { purpose, key: "current", keyId: undefined, ...describeContents(value, purpose, grant) };
    }
  }
  return undefined;
}

/** The `kid` of a value with the header that ours have. */
function keyIdOf(value: string): string | undefined {
  const parts = value.split(".");
  if (parts.length !== 5 || parts[1] !== "") {
    return undefined;
  }
  try {
    const { alg, enc, kid } = JSON.parse(Buffer.from(parts[0] ?? "", "base64url").toString()) as Record<
      string,
      unknown
    >;
    return alg === "dir" && enc === "A256GCM" && typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}

function keyNamed(keyId: string, { rootKeys, registrationKeys = [] }: RecognizeOptions["options"]): SealingKey {
  const has = (keys: RootKeys) => keys.some((root) => root.keyId === keyId);
  if (rootKeys[0]?.keyId === keyId) {
    return "current";
  }
  return has(rootKeys) ? "previous" : has(registrationKeys) ? "registrations" : "unknown";
}

function describeContents(value: string, purpose: TokenPurpose, contents: SealedContents[TokenPurpose]) {
  if (purpose === "client") {
    const { name } = contents as SealedContents["client"];
    return { clientHash: identityHash(value), ...(name !== undefined && { clientName: name }) };
  }
  const { expiresAt, clientHash, request } = contents as Partial<SealedContents["access"] & SealedContents["login"]>;
  const hash = clientHash ?? request?.clientHash;
  return { ...(expiresAt !== undefined && { expiresAt }), ...(hash !== undefined && { clientHash: hash }) };
}
