import { machineOf } from "./machine-token.ts";
import { show } from "./show.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

const DEFAULT_CLAIM = "sub";

/** Ends the subject of every machine, and of no person, as at Auth0. */
const MACHINE_SUFFIX = "@clients";

const DEFAULT_ADVICE =
  'Have the provider put it into access tokens. At Keycloak, add the client scope "basic" to the client (Clients > your client > Client scopes).';

/**
 * The one spelling of an id that a provider states: a text that isn't blank, or a whole number as its digits.
 * `undefined` for anything else, which identifies nobody: a larger number has lost digits, and a text that is not
 * well-formed Unicode has the same UTF-8 bytes as others.
 */
export function identifier(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && /[^\s\p{C}]/u.test(value) && isWellFormed(value) ? value : undefined;
}

/**
 * Whose token these claims describe: `<client id>@clients` for a machine, else what identifies its user
 * (RFC 9068 section 2.2, RFC 7662 section 2.2, OpenID Connect Core 1.0 section 2). Nothing else names a user:
 * the application's id is the same for all of them. `subject` is unique over both kinds and all issuers.
 *
 * @returns `undefined` when the claims identify nobody.
 * @throws UpstreamTokenError `subject` when they identify a user by what is reserved for others.
 */
export function subjectOf(claims: Claims, rules: SubjectRules = {}): string | undefined {
  const machine = machineOf({ claims });
  const name = machine === undefined ? personIn(claims, rules) : machineSubject(machine);
  return name === undefined ? undefined : `${issuerPrefix(claims, rules)}${name}`;
}

/** The subject of the machine `clientId`: no person's, whatever ids the provider gives. */
export function machineSubject(clientId: string): string {
  return `${clientId}${MACHINE_SUFFIX}`;
}

/** The machine that a subject is of, where it is a machine's in its plain form. */
export function machineIn(subject: string | undefined): string | undefined {
  return subject?.endsWith(MACHINE_SUFFIX) ? subject.slice(0, -MACHINE_SUFFIX.length) : undefined;
}

/** The error for claims that identify nobody. It names the setting and never a value. */
export function missingSubject(claims: Claims, rules: SubjectRules = {}): UpstreamTokenError {
  const { claim = DEFAULT_CLAIM, variable, advice = DEFAULT_ADVICE } = rules;
  const otherwise = variable === undefined ? "" : ` Or set ${variable} to a claim that is unique to each user.`;
  return new UpstreamTokenError(
    "subject",
    `The token identifies nobody: its ${show(claim)} claim ${faultOf(claims[claim])}. ${advice}${otherwise}`.trimEnd(),
  );
}

function personIn(claims: Claims, rules: SubjectRules): string | undefined {
  const { claim = DEFAULT_CLAIM } = rules;
  const name = Object.hasOwn(claims, claim) ? identifier(claims[claim]) : undefined;
  if (name === undefined) return undefined;
  if (isReserved(name, rules)) {
    throw new UpstreamTokenError(
      "subject",
      `The token's ${show(claim)} claim is ${show(name)}, a name that is reserved for machines and other issuers.`,
    );
  }
  return name;
}

/** Whether a user's own name reads as the subject of a machine or of another issuer's user. */
export function isReserved(name: string, { issuer, otherIssuers = [] }: SubjectRules = {}): boolean {
  const issuers = [...[issuer ?? []].flat(), ...otherIssuers];
  return name.endsWith(MACHINE_SUFFIX) || issuers.some((prefix) => name.startsWith(`${prefix}|`));
}

/** A `sub` is unique within its issuer only (OpenID Connect Core 1.0 section 2). */
function issuerPrefix({ iss }: Claims, { issuer }: SubjectRules): string {
  const [first, ...others] = [issuer ?? []].flat();
  return typeof iss === "string" && iss !== first && others.includes(iss) ? `${iss}|` : "";
}

function faultOf(value: unknown): string {
  if (value === undefined || value === null) return "is missing";
  if (typeof value === "string") return "is blank";
  return typeof value === "number" ? "is a number that is not exact" : "is not a text";
}

function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
