import { createHash } from "node:crypto";
import { OFFLINE_ACCESS } from "../../../scope.ts";
import { type Progress, readParameter } from "./progress.ts";

/** The address that the client opens in the browser to begin a login (RFC 6749 section 4.1.1, RFC 7636, RFC 8707). */
export function authorizationUrl(
  progress: Progress,
  { endpoint, clientId, state, verifier }: Readonly<Record<"endpoint" | "clientId" | "state" | "verifier", string>>,
): string {
  const { client, url, resourceMetadata } = progress;
  const { redirectUri, promptsConsent, resource } = client.login;
  const scope = scopeOf(progress);
  const sendsResource = resource === "with metadata" ? resourceMetadata !== undefined : resource === "always";
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(scope !== undefined && { scope }),
    ...(sendsResource && { resource: String(resourceMetadata?.resource ?? url.href) }),
    ...(promptsConsent && scope?.split(" ").includes(OFFLINE_ACCESS) && { prompt: "consent" }),
  };
  const target = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) {
    target.searchParams.set(name, value);
  }
  return target.href;
}

/** What the client asks for; `undefined` for nothing. */
export function scopeOf(progress: Progress): string | undefined {
  const { client, challenge = "", resourceMetadata = {}, serverMetadata = {} } = progress;
  const { scope: kind, offlineAccess } = client.login;
  const offered = textsOf(serverMetadata.scopes_supported);
  const challenged = readParameter(challenge, "scope")?.split(" ");
  const scopes = {
    none: [],
    all: offered,
    metadata: textsOf(resourceMetadata.scopes_supported),
    challenge: challenged ?? textsOf(resourceMetadata.scopes_supported),
  }[kind];
  const all = new Set([...scopes, ...(offlineAccess && offered.includes(OFFLINE_ACCESS) ? [OFFLINE_ACCESS] : [])]);
  return all.size === 0 ? undefined : [...all].join(" ");
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
