import { identifier } from "./provider-values.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

type Claims = Readonly<Record<string, unknown>>;

/**
 * A name as the subject of its issuer: a name is unique within its issuer only (OpenID Connect Core 1.0 section 2). The
 * names of the first issuer in the configuration stand as they are, those of any other after its name and `|`.
 *
 * @throws UpstreamTokenError `subject` when the name reads as another issuer's, or the issuer is unknown.
 */
export function atIssuer(name: string, { iss }: Claims, { issuer, otherIssuers = [] }: SubjectRules): string {
  const [first, ...others] = [issuer ?? []].flat();
  const isKnown = typeof iss === "string" && (iss === first || others.includes(iss));
  if (others.length > 0 && !isKnown) {
    throw new UpstreamTokenError(
      "subject",
      'The token does not say which of the configured issuers it is of. Have the provider state "iss", or configure one issuer only.',
    );
  }
  const prefix = isKnown && iss !== first ? iss : undefined;
  const subject = prefix === undefined ? name : `${prefix}|${name}`;
  if (prefixOf(subject, [...others, ...otherIssuers]) !== prefix) {
    throw reservedName();
  }
  return subject;
}

/**
 * A name as the subject of whatever issuer its token states, where the configuration names none.
 *
 * @throws UpstreamTokenError `subject` when it could be read as another issuer's.
 */
export function atAnyIssuer(name: string, { iss }: Claims): string {
  if (iss === undefined || iss === null) {
    if (name.includes("|")) {
      throw reservedName();
    }
    return name;
  }
  if (typeof iss === "string" && identifier(iss) !== undefined && !iss.includes("|")) {
    return `${iss}|${name}`;
  }
  throw new UpstreamTokenError(
    "subject",
    'The token\'s "iss" claim is not an issuer. Set the issuer that is accepted.',
  );
}

/** The error for a name that reads as somebody else's subject. It holds no name: that may be personal. */
export function reservedName(): UpstreamTokenError {
  return new UpstreamTokenError(
    "subject",
    "The name in the token is reserved: it reads as a machine's, as this application's or as one of another issuer. Have the provider name users and clients otherwise.",
  );
}

/** The issuer that a subject stands after: the longest that fits. */
function prefixOf(subject: string, issuers: readonly string[]): string | undefined {
  const found = issuers.filter((issuer) => subject.startsWith(`${issuer}|`));
  return found.sort((one, other) => other.length - one.length)[0];
}
