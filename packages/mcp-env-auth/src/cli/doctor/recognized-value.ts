import type { RecognizedValue } from "../../proxy/tokens/recognize-value.ts";
import type { Subject } from "./subject.ts";
import type { ClaimVerdict } from "./token-claims.ts";

/** Names in `--json` for values of this server that are not access tokens. */
export type ValueKind = "refresh-token" | "client-id" | "code" | "cookie" | "consent-form" | "stored-answer";

const KINDS: Readonly<
  Record<Exclude<NonNullable<RecognizedValue["purpose"]>, "access">, readonly [ValueKind, string]>
> = {
  refresh: [
    "refresh-token",
    "It is a refresh token of this server, which only the token endpoint takes. Use access_token of the same response.",
  ],
  client: [
    "client-id",
    "It is a client id of this server. It names a registration, not a login. Use the access token that the client received.",
  ],
  code: [
    "code",
    "It is an authorization code of this server. The client exchanges it at the token endpoint, once, for an access token.",
  ],
  login: ["cookie", "It is the cookie of a login that is in progress at this server."],
  consent: ["consent-form", "It is a field of this server's consent page."],
  answer: ["stored-answer", "It is a response of the token endpoint, which this server stores encrypted."],
  exchange: ["stored-answer", "It is a response of the provider, which this server stores encrypted."],
};

export interface Explanation {
  /** `undefined` for an access token, and for a value that can't be opened. */
  readonly value: ValueKind | undefined;
  /** Why it is refused, if its kind explains that. */
  readonly reason: string | undefined;
  readonly claims: readonly ClaimVerdict[];
}

/** Explains a value that looks like one of this server. */
export function explainValue(found: RecognizedValue, subject: Subject): Explanation {
  const claims = [...describeKey(found, subject), ...describeOrigin(found)];
  if (found.purpose === "access") {
    return { value: undefined, reason: undefined, claims };
  }
  if (found.purpose !== undefined) {
    const [value, reason] = KINDS[found.purpose];
    return { value, reason, claims };
  }
  return { value: undefined, reason: describeUnopened(found, subject), claims };
}

function describeUnopened({ key }: RecognizedValue, { nameOf }: Subject): string {
  if (key === "unknown") {
    return `It looks like a value of this server, but this configuration does not have the key that sealed it. Another replica or server has another ${nameOf("jwtSigningKey")}, or the key was changed. Give every replica the same key, and keep the former one in ${nameOf("jwtSigningKeyPrevious")}.`;
  }
  return `A key of this configuration sealed it, but ${nameOf("baseUrl")}, FASTMCP_TOKEN_EPOCH, the provider or ${nameOf("clientId")} has changed since. Or part of it is missing: copy all of it. If it is still refused, log in again.`;
}

function describeKey({ key, keyId }: RecognizedValue, { nameOf }: Subject): ClaimVerdict[] {
  if (keyId === undefined) {
    return [];
  }
  const fact = (status: ClaimVerdict["status"], which: string) => [
    { claim: "key", status, message: `${keyId}, ${which}.` },
  ];
  switch (key) {
    case "current":
      return fact("ok", "the current key");
    case "previous":
      return fact("info", `one of ${nameOf("jwtSigningKeyPrevious")}`);
    case "registrations":
      return fact("info", `one of ${nameOf("jwtSigningKeyRegistrations")}, which opens client ids only`);
    case "unknown":
      return fact("failure", "which this configuration does not have");
  }
}

function describeOrigin({ expiresAt, clientHash, clientName }: RecognizedValue): ClaimVerdict[] {
  const info = (claim: string, message: string): ClaimVerdict => ({ claim, status: "info", message });
  const name = clientName === undefined ? "" : `, registered as ${JSON.stringify(clientName)}`;
  return [
    ...(clientHash === undefined ? [] : [info("client", `${clientHash}, as the log names it${name}.`)]),
    ...(expiresAt === undefined ? [] : [info("exp", `${new Date(expiresAt * 1000).toISOString()}.`)]),
  ];
}
