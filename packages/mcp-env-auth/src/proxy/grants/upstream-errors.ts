import { OAuthError } from "../../errors.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { nameVariables } from "../protocol/name-variables.ts";
import { unavailable } from "../protocol/outages.ts";
import { describable } from "../protocol/parameters.ts";
import { USER_REFUSALS } from "../protocol/user-refusals.ts";

/** Whether the same request may succeed later: the provider or the guard store can't answer now. */
export function isTemporary(error: unknown): boolean {
  return (error instanceof UpstreamError && error.kind === "unavailable") || error instanceof GuardStoreUnavailable;
}

/**
 * What a client hears at `/token` when the provider failed. Never `invalid_client`: that one is about our own
 * credentials at the provider, and clients would answer it by registering and logging in again.
 */
export function toTokenEndpointError(
  error: unknown,
  { logger, variables }: Pick<OAuthProxyOptions, "logger" | "variables">,
  line: object,
): unknown {
  if (error instanceof UpstreamTokenError && error.fault === "organization") {
    const { allowed, claim } = variables.organization;
    logger.warn({ event: "organization-refused", ...line }, `${error.message} Check ${allowed} and ${claim}.`);
    return new OAuthError("invalid_grant", describable(error.message, 500), { cause: error });
  }
  if (error instanceof UpstreamTokenError) {
    const isAudience = (error.fault === "opaque" || error.fault === "audience") && variables.audience !== undefined;
    const advice = isAudience ? ` Check ${variables.audience}.` : "";
    logger.error({ event: "provider-token-refused", ...line, fault: error.fault }, `${error.message}${advice}`);
    const description = describable(`The identity provider's token can't be used: ${error.message}`, 500);
    return new OAuthError("server_error", description, { status: 502, cause: error });
  }
  if (!(error instanceof UpstreamError)) {
    return error;
  }
  const fields = { event: "provider-failed", ...line, kind: error.kind, providerError: error.code };
  if (error.kind === "rejected" && USER_REFUSALS.has(error.code ?? "")) {
    logger.info(fields, error.message);
    return loginEnded();
  }
  switch (error.kind) {
    case "unavailable":
      logger.warn(fields, error.message);
      return unavailable("The identity provider can't be reached right now. Try again in a moment.", error);
    case "invalid_grant":
      logger.info(fields, error.message);
      return loginEnded();
    case "credentials":
      logger.error(
        fields,
        `${error.message} Check ${variables.clientId} and ${variables.clientSecret}, and the application's authentication method and grant types at the provider.`,
      );
      return refused(error);
    case "rejected":
      logger.error(
        fields,
        `${error.message} Check ${nameVariables(variables.audience, variables.baseUrl, variables.clientId)}.`,
      );
      return refused(error);
  }
}

function loginEnded(): OAuthError {
  return new OAuthError("invalid_grant", "The identity provider no longer accepts this login. Log in again.");
}

function refused(cause: UpstreamError): OAuthError {
  return new OAuthError(
    "server_error",
    "The identity provider refused this server's request. The server's log names the setting to check.",
    { status: 502, cause },
  );
}
