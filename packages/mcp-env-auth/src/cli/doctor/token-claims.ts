import type { JWTPayload, ProtectedHeaderParameters } from "jose";
import { CLOCK_TOLERANCE, DAY } from "../../lib/clock.ts";
import { listedScopes } from "../../upstream/access-token-claims.ts";
import { SIGN_OTHERWISE } from "../../upstream/jwt-header.ts";
import { missingSubject, subjectOf } from "../../upstream/token-subject.ts";
import { type TokenRules, UpstreamTokenError } from "../../upstream/upstream-token.ts";

/** What one part of a token says, and whether that is good. */
export interface ClaimVerdict {
  /** The name of the claim, or of the header's member. */
  readonly claim: string;
  readonly status: "ok" | "failure" | "info";
  readonly message: string;
}

export interface ClaimsToExplain {
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
  /** What a token is held to. */
  readonly rules: TokenRules;
  readonly requiredScopes: readonly string[];
  /**
   * What the verifier made of the claims, where the token is good: some providers spell scopes in ways of their own.
   */
  readonly carriedScopes?: readonly string[] | undefined;
  /** Seconds since the Unix epoch. */
  readonly now: number;
}

/** Claim by claim, what is asked of a signed JWT and what it says. */
export function explainClaims(token: ClaimsToExplain): ClaimVerdict[] {
  return [
    explainAlgorithm(token),
    explainIssuer(token),
    explainAudience(token),
    explainExpiry(token),
    ...explainTimes(token),
    explainSubject(token),
    explainScopes(token),
  ];
}

function explainAlgorithm({ header: { alg, kid }, rules }: ClaimsToExplain): ClaimVerdict {
  const said = `signed with ${show(alg)}${kid === undefined ? "" : `, key ${show(kid)}`}`;
  if (typeof alg === "string" && rules.algorithms.includes(alg)) {
    return good("alg", `${said}.`);
  }
  return bad(
    "alg",
    `${said}; only ${rules.algorithms.join(", ")} may be. ${rules.advice?.signingAlgorithm ?? SIGN_OTHERWISE}`,
  );
}

function explainIssuer({ claims: { iss }, rules }: ClaimsToExplain): ClaimVerdict {
  if (rules.issuer === undefined) {
    return info("iss", `${show(iss)}; any issuer is taken, since the key is known.`);
  }
  const expected = [rules.issuer].flat();
  if (typeof iss === "string" && expected.includes(iss)) {
    return good("iss", `${show(iss)}, as it must be.`);
  }
  const slash = expected.some((issuer) => trim(issuer) === trim(String(iss)))
    ? " They differ in a trailing slash."
    : "";
  return bad(
    "iss",
    `${show(iss)}, and must be exactly ${expected.join(" or ")}.${slash} ${rules.advice?.issuer ?? "Is it of another tenant or domain?"}`,
  );
}

function explainAudience({ claims: { aud }, rules }: ClaimsToExplain): ClaimVerdict {
  const said = aud === undefined ? "none" : [aud].flat().map(show).join(", ");
  if (rules.audience === undefined) {
    return info("aud", `${said}; any audience is taken.`);
  }
  const expected = [rules.audience].flat();
  if ([aud].flat().some((entry) => expected.includes(String(entry)))) {
    return good("aud", `${said}, as it must be.`);
  }
  const slash = [aud].flat().some((entry) => expected.some((audience) => trim(audience) === trim(String(entry))));
  return bad(
    "aud",
    `${said}, and must hold ${expected.join(" or ")}.${slash ? " They differ in a trailing slash." : ""}`,
  );
}

function explainExpiry({ claims: { exp }, now }: ClaimsToExplain): ClaimVerdict {
  if (!isTime(exp)) {
    return bad("exp", "is missing or no time: a token must say when it ends.");
  }
  const at = `${date(exp)}, ${distance(exp - now)}`;
  return exp <= now - CLOCK_TOLERANCE
    ? bad("exp", `${at}: it has expired. Log in again, or refresh.`)
    : good("exp", `${at}.`);
}

function explainTimes({ claims, now }: ClaimsToExplain): ClaimVerdict[] {
  return (["nbf", "iat"] as const).flatMap((name) => {
    const time = claims[name];
    if (time === undefined) {
      return [];
    }
    if (!isTime(time)) {
      return [bad(name, "is no time.")];
    }
    const at = `${date(time)}, ${distance(time - now)}`;
    return time > now + CLOCK_TOLERANCE
      ? [bad(name, `${at}: it is not valid yet. Compare the clocks.`)]
      : [good(name, `${at}.`)];
  });
}

function explainSubject({ claims, rules }: ClaimsToExplain): ClaimVerdict {
  const claim = rules.subject?.claim ?? "sub";
  try {
    const subject = subjectOf(claims, rules.subject);
    return subject === undefined
      ? bad(claim, missingSubject(claims, rules.subject).message)
      : good(claim, `${show(subject)}.`);
  } catch (error) {
    if (!(error instanceof UpstreamTokenError)) {
      throw error;
    }
    return bad(claim, error.message);
  }
}

function explainScopes({ claims, requiredScopes, carriedScopes, rules }: ClaimsToExplain): ClaimVerdict {
  const carried = new Set(carriedScopes ?? listedScopes(claims, rules.scopeClaims));
  const said = carried.size === 0 ? "none" : [...carried].map(show).join(", ");
  const missing = requiredScopes.filter((required) => !carried.has(required));
  if (missing.length === 0) {
    return good("scope", `${said}.`);
  }
  const permissions = new Set(listedScopes(claims, ["permissions"]));
  const advice = missing.every((scope) => permissions.has(scope))
    ? "The user has the permission; the client has to ask for the scope when it logs them in."
    : (rules.advice?.missingScopes ?? "Allow it at the provider, for the application and for the user.");
  return bad("scope", `${said}; required is also ${missing.join(", ")}. ${advice}`);
}

const good = (claim: string, message: string): ClaimVerdict => ({ claim, status: "ok", message });
const bad = (claim: string, message: string): ClaimVerdict => ({ claim, status: "failure", message });
const info = (claim: string, message: string): ClaimVerdict => ({ claim, status: "info", message });

function isTime(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) < 8e12;
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

function distance(seconds: number): string {
  const size = Math.abs(seconds);
  const [amount, unit] =
    size < 120
      ? [size, "s"]
      : size < 7200
        ? [size / 60, "min"]
        : size < 172_800
          ? [size / 3600, "h"]
          : [size / DAY, "days"];
  return seconds < 0 ? `${Math.round(amount)} ${unit} ago` : `in ${Math.round(amount)} ${unit}`;
}

function trim(url: string): string {
  return url.replace(/\/+$/, "");
}

const LONGEST = 200;

/** A value of a token that nobody has verified yet. */
function show(value: unknown): string {
  if (value === undefined) {
    return "none";
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/[^\x20-\x7e]+/g, "?").slice(0, LONGEST);
}
