/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

const NAMES = [
  "(?:access|refresh|id|subject|actor)_token",
  "token",
  "id_token_hint",
  "client_secret",
  "client_assertion",
  "assertion",
  "code_verifier",
  "password",
  "secret",
  "api_?key",
].join("|");

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The schemes of the Authorization header; a plain word after one is prose, or a parameter of a challenge.
  [
    /\b([Bb]earer|BEARER|[Bb]asic|BASIC|[Dd][Pp]o[Pp]|DPOP)(\s+|%20|\+)(?![A-Z]?[a-z_]+(?:[\s="'.,;:)]|$))[A-Za-z0-9\-._~+/]{6,}=*/g,
    `$1$2${REDACTED}`,
  ],
  // JWS and JWE in compact form, cut off or not: the header is a JSON object in base64url.
  [/eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}/g, REDACTED],
  [new RegExp(`((?<![A-Za-z0-9_])(?:code|${NAMES})=|[?&]state=)[^\\s&"'<>;,\\]})]+`, "gi"), `$1${REDACTED}`],
  // The same in quotes, as connection strings have it.
  [
    new RegExp(`((?<![A-Za-z0-9_])(?:code|${NAMES})=)(?:"(?:[^"\\\\\r\n]|\\\\.)*"?|'(?:[^'\\\\\r\n]|\\\\.)*'?)`, "gi"),
    `$1${REDACTED}`,
  ],
  [new RegExp(`("(?:${NAMES})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, "gi"), `$1${REDACTED}`],
  // The look-behind keeps a long run of backslashes from being tried at each of them.
  [new RegExp(`(?<!\\\\)(\\\\+"(?:${NAMES})\\\\+"\\s*:\\s*\\\\+")[^"\\\\]+`, "gi"), `$1${REDACTED}`],
  // Without a quote in front, all of the line is the header: its values may be quoted.
  [/((?:set-)?cookie\s*[:=]\s*)[^\s"'][^\r\n]*/gi, `$1${REDACTED}`],
  [/((?:set-)?cookie["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, `$1${REDACTED}`],
  // The password in a URL (RFC 3986 section 3.2.1).
  [/(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, `$1${REDACTED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, REDACTED],
];

/** `text` without what looks like a token, a code or a credential, whoever's it is. */
export function redactCredentials(text: string): string {
  const result = PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
  return result.replace(/("code"\s*:\s*)"([^"\\]*)"/g, (all, start: string, code: string) =>
    ERROR_CODE.test(code) ? all : `${start}"${REDACTED}"`,
  );
}

const SECRET_KEY =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|token|(?:access|refresh|id|subject|actor|bearer)[-_]?token(?:[-_]?hint)?|(?:client[-_]?)?secret|(?:client[-_]?)?assertion|code[-_]?verifier|password|passphrase|private[-_]?key|api[-_]?key|(?:jwt[-_]?)?signing[-_]?key(?:[-_]?previous)?)$/i;

/** An error code, as opposed to an authorization code: `invalid_grant`, `ECONNREFUSED`, a number. */
const ERROR_CODE = /^(?:[a-z]+(?:_[a-z]+)*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|-?\d{1,6})$/;

/** Whether an entry of a logged object is a credential by its name. */
export function isCredential(name: string, value: unknown): boolean {
  if (name === "code") {
    return typeof value === "string" && !ERROR_CODE.test(value);
  }
  return SECRET_KEY.test(name) && value !== undefined && value !== null && typeof value !== "boolean";
}
