import type { AccessToken } from "../../access-token.ts";
import { confirmationOf } from "../../dpop/confirmation.ts";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { machineOf } from "../../upstream/machine-token.ts";
import { machineIn } from "../../upstream/token-subject.ts";
import { SIGNED_TOKEN_TTL } from "../../upstream/upstream-token.ts";
import type { ProviderSession } from "../context.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { isMachine, type Machines, machineDenials, machineScopes } from "./machines.ts";
import { invalidToken, type OpenedToken, verifyUpstreamToken } from "./verify-upstream-token.ts";

/** Three parts are a signed JWT, five a sealed token of ours. */
export function looksLikeJwt(token: string): boolean {
  return token.split(".").length === 3;
}

/**
 * A machine's own token of the provider's, where the configuration accepts those beside ours. A user's never passes: it
 * would carry scopes that the user was not asked about, for a client that they did not approve.
 *
 * @throws OAuthError `invalid_token`, `temporarily_unavailable`
 */
export async function openMachineToken(
  { requiredScopes, clock }: Pick<OAuthProxyOptions, "requiredScopes" | "clock">,
  machines: Machines,
  { upstream }: ProviderSession,
  token: string,
): Promise<OpenedToken> {
  const verified = await verifyUpstreamToken(
    () => upstream.tokens.verify(token),
    ({ message }) => message,
  );
  const clientId = machineOf(verified, upstream.subject);
  if (clientId === undefined) {
    const whose = machineIn(verified.subject) === undefined ? "is a user's" : "names another subject than its client";
    const agents = machineIn(verified.subject) === undefined ? "" : " Agents get tokens at this server's /token.";
    throw invalidToken(
      `The identity provider's token ${whose}. Users log in through this server, where they say what a client may do for them.${agents}`,
    );
  }
  if (!isMachine(machines, clientId)) {
    throw invalidToken("The identity provider's token is of a client that may not use this server.");
  }
  const { subject, expiresAt, claims, organization } = verified;
  // Every request with this token gets the same object: none may change what the next one sees.
  const accessToken = deepFreeze<AccessToken>({
    token,
    clientId,
    scopes: machineScopes(verified, requiredScopes),
    expiresAt,
    claims,
    subject,
    ...confirmationOf(claims),
    ...(organization !== undefined && { organization }),
  });
  return { accessToken, denials: machineDenials(verified, clientId), goodUntil: clock() + SIGNED_TOKEN_TTL };
}
