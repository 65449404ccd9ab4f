/** What kept a connection from being made. `tls`: its certificate or its TLS is not good. */
export type ConnectionFailureKind = "refused" | "name" | "tls" | "timeout" | "cut" | "other";

/** Why there is no connection. */
export interface ConnectionFailure {
  readonly kind: ConnectionFailureKind;
  /** Node.js's or OpenSSL's name for it, where there is one. */
  readonly code: string | undefined;
  /** A clause about the address, such as "its certificate has expired". */
  readonly reason: string;
  /** What to look at where it is ours to reach that address: a sentence. */
  readonly advice?: string;
}

type Description = readonly [kind: ConnectionFailureKind, reason: string, advice?: string];

const CLOCK = "If other machines accept it, this machine's clock is wrong.";
const OWN_AUTHORITY = "Where it is your own, NODE_EXTRA_CA_CERTS names the file with its certificate.";
const SELF_SIGNED = "If that is intended, NODE_EXTRA_CA_CERTS names the file with this certificate.";
const UNKNOWN_AUTHORITY: Description = ["tls", "its certificate is of an authority that is not trusted", OWN_AUTHORITY];
const INTERMEDIATES = `It must send its intermediate certificates as well. ${OWN_AUTHORITY}`;
const OTHER_NAME: Description = ["tls", "its certificate is for another name", "Correct the name in the address."];
const NO_TLS: Description = ["tls", "it does not speak TLS", "Check the port and the scheme of the address."];
const OLD_TLS: Description = [
  "tls",
  "it offers no version of TLS that is accepted here",
  "It must offer TLS 1.2 or later.",
];
const WEAK: Description = [
  "tls",
  "its certificate or keys are too weak",
  "It needs a certificate with a stronger key.",
];
const CLIENT_CERTIFICATE: Description = ["tls", "it asks for a client certificate, and this server has none to send"];
const BAD_CERTIFICATE: Description = ["tls", "its certificate can't be verified"];
const UNREACHABLE: Description = ["other", "there is no route to it", "Check the network of this machine."];

const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  ECONNREFUSED: ["refused", "the connection was refused"],
  ECONNRESET: ["cut", "the connection was cut"],
  EPIPE: ["cut", "the connection was cut"],
  UND_ERR_SOCKET: ["cut", "the connection was cut"],
  ENOTFOUND: ["name", "its name is not known to DNS"],
  EAI_AGAIN: ["name", "DNS did not answer"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "it could not be connected to in time"],
  ETIMEDOUT: ["timeout", "it could not be connected to in time"],
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  CERT_HAS_EXPIRED: ["tls", "its certificate has expired", `It must be renewed. ${CLOCK}`],
  CERT_NOT_YET_VALID: ["tls", "its certificate is not valid yet", CLOCK],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["tls", "its certificate is self-signed", SELF_SIGNED],
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    "tls",
    "its certificate is of an authority that is not trusted, or it sends no intermediate certificates",
    INTERMEDIATES,
  ],
  CERT_REVOKED: ["tls", "its certificate was revoked"],
  CERT_REJECTED: BAD_CERTIFICATE,
  CERT_SIGNATURE_FAILURE: BAD_CERTIFICATE,
  CERT_CHAIN_TOO_LONG: BAD_CERTIFICATE,
  INVALID_CA: BAD_CERTIFICATE,
  INVALID_PURPOSE: ["tls", "its certificate is not one for servers"],
  PATH_LENGTH_EXCEEDED: BAD_CERTIFICATE,
  HOSTNAME_MISMATCH: OTHER_NAME,
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: OLD_TLS,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [
    "tls",
    "it shares no way to encrypt with this machine, or asks for a client certificate",
    "It must offer TLS 1.2 or later with current ciphers.",
  ],
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: ["tls", "it has no certificate for this name", "Correct the name in the address."],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_CERTIFICATE,
  ERR_SSL_DH_KEY_TOO_SMALL: WEAK,
  ERR_SSL_EE_KEY_TOO_SMALL: WEAK,
  ERR_SSL_CA_MD_TOO_WEAK: WEAK,
};

/** Of chains of causes, at most so many. */
const DEEPEST = 6;

/** What kept a connection from being made, by the error that `fetch` or a socket gives. Shows nothing that was sent. */
export function describeConnectionFailure(error: unknown): ConnectionFailure {
  for (let cause = error, depth = 0; isObject(cause) && depth < DEEPEST; cause = cause.cause, depth++) {
    const code = typeof cause.code === "string" ? cause.code : undefined;
    if (code === undefined || !Object.hasOwn(DESCRIPTIONS, code)) {
      continue;
    }
    const [kind, reason, advice] = DESCRIPTIONS[code] ?? ["other", "the connection failed"];
    const names = DESCRIPTIONS[code] === OTHER_NAME ? namesOf(cause.cert) : undefined;
    return {
      kind,
      code,
      reason: names === undefined ? reason : `its certificate is for ${names}`,
      ...(advice !== undefined && { advice }),
    };
  }
  const code = codeOf(error);
  const kind = code !== undefined && /^(?:ERR_(?:SSL|TLS)_|EPROTO$|CERT_)/.test(code) ? "tls" : "other";
  return { kind, code, reason: kind === "tls" ? "TLS failed" : "the connection failed" };
}

/** The innermost code. */
function codeOf(error: unknown): string | undefined {
  let code: string | undefined;
  for (let cause = error, depth = 0; isObject(cause) && depth < DEEPEST; cause = cause.cause, depth++) {
    code = typeof cause.code === "string" ? cause.code : code;
  }
  return code;
}

/** The names of a certificate, as far as they fit into a sentence. */
function namesOf(certificate: unknown): string | undefined {
  const listed = isObject(certificate) ? certificate.subjectaltname : undefined;
  const names = typeof listed === "string" ? [...listed.matchAll(/DNS:([\w.*-]{1,80})/g)].slice(0, 3) : [];
  return names.length === 0 ? undefined : names.map(([, name]) => name).join(", ");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
