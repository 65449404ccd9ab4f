import { OFFLINE_ACCESS } from "../../scope.ts";
import type { DenialQuery } from "../../store/guard-store.ts";
import type { VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { identityHash } from "../tokens/sealed-tokens.ts";

const ANY_CLIENT = "*";

/**
 * Scopes that tell about a user (OpenID Connect Core 1.0 section 5.4): no machine has one, so they ask nothing of it.
 */
const IDENTITY_SCOPES: readonly string[] = ["openid", "profile", "email", "address", "phone"];

/** Which applications at the provider may use the server by themselves, without a user. */
export interface Machines {
  /** Their client ids there; `*` among them: any. */
  readonly clients: readonly string[];
  /** Whether their access tokens of the provider's are accepted as they are, too. */
  readonly acceptUpstreamTokens: boolean;
}

/** Those of `scopes` that tell about a user: they count as carried where there is no login to ask them of. */
export function identityScopes(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => IDENTITY_SCOPES.includes(scope));
}

/** Whether `clientId` is one of them. */
export function isMachine(machines: Machines | undefined, clientId: string): boolean {
  const clients = machines?.clients ?? [];
  return clients.includes(clientId) || clients.includes(ANY_CLIENT);
}

/** What a machine may do: nobody was asked for consent, so it is what the provider granted to the machine itself. */
export function machineScopes(
  { scopes }: Pick<VerifiedUpstreamToken, "scopes">,
  requiredScopes: readonly string[],
  asked: readonly string[] = [],
): readonly string[] {
  const granted = scopes.filter((scope) => asked.length === 0 || asked.includes(scope));
  return [...new Set([...granted, ...identityScopes(requiredScopes)])].filter((scope) => scope !== OFFLINE_ACCESS);
}

/**
 * What a machine asks for. Scopes about a user stand in challenges for the sake of people; whoever asks for nothing
 * else asks for all that the provider granted.
 */
export function askedScopes(scope: string | undefined): readonly string[] {
  return splitScopes(scope ?? "").filter((name) => !IDENTITY_SCOPES.includes(name) && name !== OFFLINE_ACCESS);
}

/** What a machine's token can be denied by. One that does not say when it was issued is older than any denial. */
export function machineDenials(
  { subject, claims }: Pick<VerifiedUpstreamToken, "subject" | "claims">,
  clientId: string,
): readonly DenialQuery[] {
  const issuedAt = typeof claims.iat === "number" ? claims.iat : 0;
  return [
    ["deny-subject", identityHash(subject), issuedAt],
    ["deny-client", identityHash(clientId), issuedAt],
  ];
}
