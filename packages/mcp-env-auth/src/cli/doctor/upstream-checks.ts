import { randomUUID } from "node:crypto";
import { ConfigError } from "../../errors.ts";
import type { ProviderUpstream } from "../../providers/auth-provider.ts";
import { withoutAudience } from "../../providers/kinds/token-verifier.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { type UpstreamClient, UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import { failure, type Observation, ok, skipped, unknown, warning } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** An identity provider that our application logs users in at. */
export type UpstreamApplication = Extract<ProviderUpstream, { readonly kind: "application" }>;

/** The discovery document: reachable, complete, and of exactly the issuer it is named after. */
export async function checkDiscovery(
  subject: Subject,
  application: UpstreamApplication,
): Promise<{ readonly upstream: Upstream | undefined; readonly finding: Observation }> {
  try {
    const upstream = await application.discover(subject.context);
    const { issuer } = upstream.client.metadata;
    if (application.configUrl === undefined) {
      return { upstream, finding: skipped("This provider's endpoints are known without discovery.") };
    }
    return { upstream, finding: ok(`The provider answers, and its issuer is exactly ${issuer}`) };
  } catch (error) {
    return { upstream: undefined, finding: describeFailure(error, subject) };
  }
}

function describeFailure(error: unknown, { nameOf }: Subject): Observation {
  if (error instanceof UpstreamError) {
    return failure(error.message, `Check ${nameOf("configUrl")} and this machine's connection.`);
  }
  if (error instanceof ConfigError) {
    const [problem = { message: error.message }] = error.problems;
    return failure(problem.message, `Correct ${problem.variable ?? nameOf("configUrl")}.`);
  }
  throw error;
}

/** Whether tokens can be verified: by keys, for each algorithm that tokens may be signed with. */
export async function checkKeys(tokens: UpstreamTokenVerifier, { nameOf }: Subject): Promise<Observation> {
  const { rules } = tokens;
  if (rules === undefined) {
    return checkLookup(tokens);
  }
  const { algorithms, keys } = rules;
  try {
    const found = await Promise.all(
      algorithms.map(async (alg) => ({ alg, keys: (await keys.find({ alg, kid: undefined })).length })),
    );
    const usable = found.filter((entry) => entry.keys > 0).map((entry) => `${entry.keys} for ${entry.alg}`);
    if (usable.length > 0) {
      return ok(`There are keys to verify tokens with: ${usable.join(", ")}.`);
    }
    return failure(
      `The provider publishes no key for ${algorithms.join(", ")}, so no token can be verified.`,
      "At the provider, choose an algorithm with a published key, such as RS256.",
    );
  } catch (error) {
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    return failure(
      error.message,
      `Check ${nameOf("jwksUri")} or the provider's discovery document, and this machine's connection.`,
    );
  }
}

/** Whether tokens can be looked up: one that can't be good must be refused, and by nothing but its own fault. */
async function checkLookup(tokens: UpstreamTokenVerifier): Promise<Observation> {
  try {
    await tokens.verify(`doctor-${randomUUID()}`);
    return warning("Every token is accepted, also one that was made up just now.");
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      return ok("Access tokens are looked up, not verified by keys, and one that was made up is refused.");
    }
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    return failure(
      `Access tokens can't be looked up. ${error.message}`,
      error.kind === "unavailable" ? "Try again; check this machine's connection." : undefined,
    );
  }
}

/** Whether the audience of tokens is known, where they come from elsewhere than our own login. */
export function checkTokenAudience({ rules }: UpstreamTokenVerifier, { nameOf }: Subject): Observation[] {
  if (rules === undefined) {
    return [];
  }
  if (rules.audience !== undefined) {
    return [ok(`Tokens must be for ${[rules.audience].flat().join(" or ")}`)];
  }
  return [
    warning(
      withoutAudience(nameOf("audience")),
      `Set ${nameOf("audience")} to what stands in the aud claim of tokens for this server.`,
    ),
  ];
}

/** Whether the provider takes our client id and secret, and how they are sent. */
export async function checkCredentials(
  client: UpstreamClient,
  { callbackUrl }: UpstreamApplication,
  subject: Subject,
): Promise<Observation> {
  try {
    await client.checkCredentials(callbackUrl);
    const accepted = subject.log.findLast(({ message }) => message.includes("accepts our application"));
    return ok(accepted?.message ?? "The identity provider accepts our application.");
  } catch (error) {
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    if (error.kind === "credentials") {
      return failure(error.message, credentialsAdvice(subject));
    }
    if (error.kind === "unavailable") {
      return failure(error.message, "Try again; check this machine's connection.");
    }
    return unknown(`The provider's answer says nothing about the credentials. ${error.message}`);
  }
}

function credentialsAdvice({ declaration, nameOf }: Subject): string {
  const where = declaration?.fields.clientSecret?.where;
  return `Copy ${nameOf("clientId")} and ${nameOf("clientSecret")} from the same page${where === undefined ? "" : `: ${where}`}.`;
}

/** Whether users can stay logged in beyond the life of an access token. */
export function checkOfflineAccess(
  { metadata, offlineAccess }: UpstreamClient,
  { declaration, nameOf }: Subject,
): Observation {
  if (offlineAccess === "off") {
    return ok(
      `${nameOf("offlineAccess")} is off: the scope offline_access is not asked for. Whether a refresh token comes all the same shows at a login, and the log warns without one.`,
    );
  }
  if (metadata.scopesSupported.includes(OFFLINE_ACCESS)) {
    const advice = declaration?.advice?.noRefreshToken;
    const atLogin = advice === undefined ? "" : ` If none comes: ${advice}`;
    return ok(
      `offline_access is offered, and asked for at every login. Whether a refresh token really comes shows only there, and the log warns without one.${atLogin}`,
    );
  }
  if (metadata.issuer === undefined) {
    return unknown("This provider has its own ways with refresh tokens; whether one comes shows at a login.");
  }
  return warning(
    "The provider does not offer the scope offline_access, so users may have to log in again when their access token ends.",
    "Allow refresh tokens at the provider, if it can.",
  );
}
