import { randomUUID } from "node:crypto";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import { failure, type Observation, ok, skipped, unknown } from "./finding.ts";
import { type LoginProbe, loginRequest, probeLogin } from "./login-probe.ts";
import { isAboutScopes } from "./scopes-check.ts";
import type { Subject } from "./subject.ts";
import type { UpstreamApplication } from "./upstream-checks.ts";

/** What a login that shows no page says, for each check that asks about it. */
export interface LoginObservations {
  readonly callback: Observation;
  /** Why the provider refuses the login, if no other check covers the reason. */
  readonly login: readonly Observation[];
  /** Why the provider refuses the login, where it is about the organization. */
  readonly organization: readonly Observation[];
  readonly audience: Observation;
}

/** Sends one login that shows no page, for what it says of the callback URL, the request and the audience. */
export async function checkLogin(
  { client, tokens }: Upstream,
  { callbackUrl, requiredScopes }: UpstreamApplication,
  subject: Subject,
): Promise<LoginObservations> {
  const request = await loginRequest({ client, callbackUrl, scopes: requiredScopes });
  const probe = await probeLogin(request, callbackUrl);
  const callback = describeCallback(probe, callbackUrl, subject);
  const target = targetOf(request, subject);
  const audience = target?.value ?? null;
  const accepted = { callback, login: [], organization: [] };
  if (audience !== null && isAboutAudience(probe)) {
    return { ...accepted, audience: describeUnknownAudience(probe, audience, target?.setting ?? "", subject) };
  }
  const refused = { ...accepted, ...describeRefusal(probe, subject) };
  if (audience === null) {
    return { ...refused, audience: describeMissingAudience(tokens) };
  }
  if (probe.outcome !== "ready") {
    return { ...refused, audience: unknown(`Whether ${audience} is known could not be checked.`) };
  }
  return { ...accepted, audience: await checkAudience(request, callbackUrl, target as LoginTarget) };
}

/** What the login asks tokens to be for: by `audience`, else by `resource` (RFC 8707). */
interface LoginTarget {
  readonly parameter: string;
  readonly value: string;
  /** The variable that sets it. */
  readonly setting: string;
}

function targetOf({ searchParams }: URL, { nameOf, declaration }: Subject): LoginTarget | undefined {
  const parameter = ["audience", "resource"].find((name) => searchParams.has(name));
  if (parameter === undefined) {
    return undefined;
  }
  const field = declaration?.fields[parameter] === undefined ? "audience" : parameter;
  return { parameter, value: searchParams.get(parameter) ?? "", setting: nameOf(field) };
}

function describeCallback(probe: LoginProbe, callbackUrl: string, subject: Subject): Observation {
  const where = subject.declaration?.fields.redirectPath?.where;
  const register = `Allow exactly ${callbackUrl} at the provider${where === undefined ? "" : ` (${where})`}.`;
  switch (probe.outcome) {
    case "ready":
    case "error":
      return ok(`The provider accepts the callback URL ${callbackUrl}`);
    case "refused":
      return failure(
        `The provider does not redirect to ${callbackUrl}. It says: ${probe.description}`,
        `${register} If it speaks of an unknown client, correct ${subject.nameOf("clientId")}.`,
      );
    case "page":
      return unknown(
        `The provider shows a page before it says whether it accepts the callback URL ${callbackUrl}`,
        register,
      );
    case "unreachable":
      return unknown(`The authorization endpoint does not answer as it should. ${probe.description}`, register);
  }
}

type LoginError = Extract<LoginProbe, { readonly outcome: "error" }>;

/** RFC 8707 section 2, and what Auth0 says in its place. */
function isAboutAudience(probe: LoginProbe): probe is LoginError {
  if (probe.outcome !== "error") {
    return false;
  }
  return probe.error === "invalid_target" || /service not found|audience|resource server/i.test(probe.description);
}

function describeUnknownAudience(
  probe: LoginError,
  audience: string,
  setting: string,
  { declaration }: Subject,
): Observation {
  return failure(
    `The provider knows no API ${audience}. It says: ${said(probe)}`,
    `Set ${setting} to the exact identifier of an API there, or create one. ${declaration?.advice?.unknownAudience ?? ""}`.trimEnd(),
  );
}

function describeRefusal(
  probe: LoginProbe,
  { nameOf, declaration }: Subject,
): Partial<Pick<LoginObservations, "login" | "organization">> {
  if (probe.outcome !== "error" || isAboutScopes(probe)) {
    return {};
  }
  const message = `The provider refuses the login. It says: ${said(probe)}`;
  if (/\borganization\b/i.test(probe.description)) {
    const settings = ["organization", "allowedOrganizations"].filter((name) => declaration?.fields[name]).map(nameOf);
    const fix = `Compare ${settings.join(" and ") || "the configuration"} with the organizations at the provider, and how its application lets users log in. ${declaration?.advice?.organization ?? ""}`;
    return { organization: [failure(message, fix.trimEnd())] };
  }
  const fix =
    `Check that the application may use the authorization code grant at the provider, and ${nameOf("requiredScopes")}. ${declaration?.advice?.refusedLogin ?? ""}`.trimEnd();
  return { login: [failure(message, fix)] };
}

function said({ error, description }: LoginError): string {
  return description === "" ? error : `${error}, ${description}`;
}

function describeMissingAudience({ rules }: UpstreamTokenVerifier): Observation {
  if (rules === undefined) {
    return skipped("No audience is requested. Introspection returns each token's audience.");
  }
  const { audience: expected } = rules;
  if (expected === undefined) {
    return skipped("No audience is requested, and tokens need none.");
  }
  return skipped(`No audience is requested. Tokens must be for ${[expected].flat().join(" or ")}.`);
}

/**
 * Asks the same for an API that can't exist: only when that is refused does the first answer say that ours is known.
 */
async function checkAudience(
  request: URL,
  callbackUrl: string,
  { parameter, value: audience, setting }: LoginTarget,
): Promise<Observation> {
  const control = new URL(request);
  control.searchParams.set(parameter, `https://${randomUUID()}.invalid/`);
  const { outcome } = await probeLogin(control, callbackUrl);
  if (outcome === "ready") {
    return unknown(
      `The provider looks at the audience only after the login, so that ${audience} could not be checked.`,
      `If the first login fails, compare ${setting} with the identifier of the API at the provider.`,
    );
  }
  return ok(
    `The provider knows the API ${audience}, so that access tokens are JWTs. How they are signed shows only in one: it must be RS256 or another algorithm with a published key (mcp-env-auth doctor --token explains one).`,
  );
}
