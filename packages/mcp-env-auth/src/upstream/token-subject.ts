import { isEntraApp, isOfMachine, machineOf, soleClientIn, subjectKind } from "./machine-token.ts";
import { identifier, show } from "./provider-values.ts";
import { atAnyIssuer, atIssuer, reservedName } from "./subject-issuer.ts";
import { DEFAULT_SUBJECT_CLAIM, type SubjectRules } from "./subject-rules.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Ends the subject of every machine, and of no person, as at Auth0. */
const MACHINE_SUFFIX = "@clients";

/** What a user flow of Azure AD B2C writes in the place of every user's id, if its subject is turned off. */
const NOBODY = /^not supported currently/i;

const DEFAULT_ADVICE = "Have the provider put it into access tokens.";

/**
 * Whose token these claims describe: `<client id>@clients` for a machine or an agent, else what identifies its user
 * (RFC 9068 section 2.2, RFC 7662 section 2.2, OpenID Connect Core 1.0 section 2). Nothing else names a user: the
 * application's id is the same for all of them. `subject` is unique over both kinds and all issuers.
 *
 * @returns `undefined` when the claims identify nobody.
 * @throws UpstreamTokenError `subject` when they identify somebody by what is reserved for others.
 */
export function subjectOf(claims: Claims, rules: SubjectRules = {}): string | undefined {
  const machine = machineOf({ claims }, rules);
  if (machine !== undefined) {
    return machineSubject(machine, claims, rules);
  }
  if (isOfMachine(claims) && identifier(claims.sub) !== undefined) {
    return machineSubject(requireClient(claims), claims, rules);
  }
  return isEntraApp(claims) ? undefined : personOf(claims, rules);
}

/** Agents have subjects of their own, which could read as a user's: what names them here is their client. */
function requireClient(claims: Claims): string {
  const client = soleClientIn(claims);
  if (client === undefined) {
    throw new UpstreamTokenError("subject", "The token is a machine's or an agent's, and does not name its client.");
  }
  return client;
}

/**
 * The user whom claims identify that only ever describe users: those of an id token or of an enterprise's assertion.
 *
 * @returns and throws as {@link subjectOf}.
 */
export function personOf(claims: Claims, rules: SubjectRules = {}): string | undefined {
  if (subjectKind(claims) === "machine") {
    throw new UpstreamTokenError("subject", "The token names an agent or a machine (sub_profile), and not a user.");
  }
  const { claim = DEFAULT_SUBJECT_CLAIM, application, anyIssuer } = rules;
  const name = Object.hasOwn(claims, claim) ? identifier(claims[claim]) : undefined;
  if (name === undefined || namesNobody(name)) {
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

/** Whether a claim's value stands in the place of every user's name. */
export function namesNobody(value: unknown): boolean {
  return typeof value === "string" && NOBODY.test(value);
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
  if (namesNobody(value)) {
    return "is the same for everybody";
  }
  if (typeof value === "string") {
    return "is blank";
  }
  return typeof value === "number" ? "is a number that is not exact" : "is not a text";
}
