import { identifier } from "./identifier.ts";
import { isEntraApp, machineOf } from "./machine-token.ts";
import { show } from "./show.ts";
import { atAnyIssuer, atIssuer, reservedName } from "./subject-issuer.ts";
import { DEFAULT_SUBJECT_CLAIM, type SubjectRules } from "./subject-rules.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Ends the subject of every machine, and of no person, as at Auth0. */
const MACHINE_SUFFIX = "@clients";

const DEFAULT_ADVICE = "Have the provider put it into access tokens.";

/**
 * Whose token these claims describe: `<client id>@clients` for a machine, else what identifies its user (RFC 9068
 * section 2.2, RFC 7662 section 2.2, OpenID Connect Core 1.0 section 2). Nothing else names a user: the application's
 * id is the same for all of them. `subject` is unique over both kinds and all issuers.
 *
 * @returns `undefined` when the claims identify nobody.
 * @throws UpstreamTokenError `subject` when they identify somebody by what is reserved for others.
 */
export function subjectOf(claims: Claims, rules: SubjectRules = {}): string | undefined {
  const machine = machineOf({ claims }, rules);
  if (machine !== undefined) {
    return machineSubject(machine, claims, rules);
  }
  return isEntraApp(claims) ? undefined : personOf(claims, rules);
}

/**
 * The user whom claims identify that only ever describe users: those of an id token or of an enterprise's assertion.
 *
 * @returns and throws as {@link subjectOf}.
 */
export function personOf(claims: Claims, rules: SubjectRules = {}): string | undefined {
  const { claim = DEFAULT_SUBJECT_CLAIM, application, anyIssuer } = rules;
  const name = Object.hasOwn(claims, claim) ? identifier(claims[claim]) : undefined;
  if (name === undefined) {
    return undefined;
  }
  if (name.endsWith(MACHINE_SUFFIX) || name === application) {
    throw reservedName();
  }
  // Without an issuer in the configuration, the key is taken for one issuer's, and people keep the subjects they had.
  if (anyIssuer && claim === DEFAULT_SUBJECT_CLAIM) {
    return name;
  }
  return anyIssuer ? atAnyIssuer(name, claims) : atIssuer(name, claims, rules);
}

/**
 * The subject of the machine `clientId`: no person's, whatever ids the provider gives. @throws as {@link subjectOf}.
 */
export function machineSubject(clientId: string, claims: Claims, rules: SubjectRules = {}): string {
  if (clientId.endsWith(MACHINE_SUFFIX)) {
    throw reservedName();
  }
  const name = `${clientId}${MACHINE_SUFFIX}`;
  return rules.anyIssuer ? atAnyIssuer(name, claims) : atIssuer(name, claims, rules);
}

/** The machine that a subject is of, where it is a machine's. With several issuers, its issuer is in front. */
export function machineIn(subject: string | undefined): string | undefined {
  return subject?.endsWith(MACHINE_SUFFIX) ? subject.slice(0, -MACHINE_SUFFIX.length) : undefined;
}

/** The error for claims that identify nobody. It names the setting and never a value. */
export function missingSubject(claims: Claims, rules: SubjectRules = {}): UpstreamTokenError {
  const { claim = DEFAULT_SUBJECT_CLAIM, variable, advice = DEFAULT_ADVICE } = rules;
  const otherwise = variable === undefined ? "" : ` Or set ${variable} to a claim that is unique to each user.`;
  return new UpstreamTokenError(
    "subject",
    `The token identifies nobody: its ${show(claim)} claim ${faultOf(claims[claim])}. ${advice}${otherwise}`.trimEnd(),
  );
}

function faultOf(value: unknown): string {
  if (value === undefined || value === null) {
    return "is missing";
  }
  if (typeof value === "string") {
    return "is blank";
  }
  return typeof value === "number" ? "is a number that is not exact" : "is not a text";
}
