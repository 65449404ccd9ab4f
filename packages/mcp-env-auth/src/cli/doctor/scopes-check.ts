import { OFFLINE_ACCESS } from "../../scope.ts";
import { describeUnlistedScopes } from "../../upstream/unlisted-scopes.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { failure, fromStart, type Observation } from "./finding.ts";
import { type LoginProbe, loginRequest, probeLogin } from "./login-probe.ts";
import type { Subject } from "./subject.ts";
import type { UpstreamApplication } from "./upstream-checks.ts";

/** No more logins are tried to find out which scope it is. */
const MAX_PROBES = 20;

type LoginError = Extract<LoginProbe, { readonly outcome: "error" }>;

/** Whether the provider refuses a login for its scopes (RFC 6749 section 4.1.2.1). */
export function isAboutScopes(probe: LoginProbe): boolean {
  return probe.outcome === "error" && (probe.error === "invalid_scope" || /\bscopes?\b/i.test(probe.description));
}

/**
 * Asks for all scopes that clients register with, `offline_access` included, and where the provider refuses that, for
 * each of them. Those of tools are not known here.
 */
export async function checkScopes(
  { client }: Upstream,
  { callbackUrl, requiredScopes, offeredScopes = [] }: UpstreamApplication,
  subject: Subject,
): Promise<Observation[]> {
  const scopes = [...new Set([...requiredScopes, ...offeredScopes])];
  const request = await loginRequest({ client, callbackUrl, scopes });
  const probe = await probeLogin(request, callbackUrl);
  if (probe.outcome !== "error" || !isAboutScopes(probe)) {
    const unlisted = describeUnlistedScopes(client.metadata.scopesSupported, scopes);
    return unlisted === undefined ? [] : [fromStart({ message: unlisted })];
  }
  const asked = (request.searchParams.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  const refused: string[] = [];
  for (const scope of asked.slice(0, MAX_PROBES)) {
    const single = new URL(request);
    single.searchParams.set("scope", scope);
    if (isAboutScopes(await probeLogin(single, callbackUrl))) {
      refused.push(scope);
    }
  }
  return [describe(probe, refused.length > 0 && refused.length < asked.length ? refused : asked, subject)];
}

function describe({ error, description }: LoginError, scopes: readonly string[], subject: Subject): Observation {
  const { nameOf, declaration } = subject;
  const said = description === "" ? error : `${error}, ${description}`;
  const message = `The provider refuses logins with the scopes ${scopes.join(" ")}. It says: ${said}`;
  const offline = scopes.includes(OFFLINE_ACCESS)
    ? `Allow the application offline_access at the provider, or set ${nameOf("offlineAccess")}=off: users then log in again when their access token ends. `
    : "";
  const others = scopes.some((scope) => scope !== OFFLINE_ACCESS)
    ? `Create the scopes at the provider and allow them for the application, or correct ${nameOf("requiredScopes")} and ${nameOf("validScopes")}. ${declaration?.advice?.missingScopes ?? ""}`
    : "";
  return failure(message, `${offline}${others}`.trim());
}
