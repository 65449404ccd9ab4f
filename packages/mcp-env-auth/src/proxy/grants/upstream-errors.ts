import { OAuthError } from "../../errors.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { unavailable } from "../protocol/outages.ts";
import { describable } from "../protocol/parameters.ts";
import { type AdviceOptions, refusalAdvice, USER_REFUSALS } from "../protocol/refusal-advice.ts";

/**
 * Whether the same request may succeed later: the provider or the guard store can't answer now, or what came says
 * nothing about the code, refresh token or access token.
 */
export function isTemporary(error: unknown): boolean {
  return (error instanceof UpstreamError && isNoVerdict(error)) || error instanceof GuardStoreUnavailable;
}

function isNoVerdict({ kind, about }: UpstreamError): boolean {
  return kind === "unavailable" || about === "answer" || about === "look-up";
}

/**
 * What a client hears at `/token` when the provider failed. Never `invalid_client`: that one is about our own
 * credentials at the provider, and clients would answer it by registering and logging in again.
 */
export function toTokenEndpointError(
  error: unknown,
  options: Pick<OAuthProxyOptions, "logger"> & AdviceOptions,
  line: object,
): unknown {
  const { logger, variables } = options;
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
  if (error.kind !== "unavailable" && isNoVerdict(error)) {
    logger.error(fields, `${error.message} ${refusalAdvice(error, options)}`.trimEnd());
    return unreachable(error);
  }
  if (error.kind === "rejected" && USER_REFUSALS.has(error.code ?? "")) {
    logger.info(fields, error.message);
    return loginEnded();
  }
  switch (error.kind) {
    case "unavailable":
      logger.warn(fields, error.message);
      return unreachable(error);
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
      logger.error(fields, `${error.message} ${refusalAdvice(error, options)}`.trimEnd());
      return refused(error);
  }
}

function loginEnded(): OAuthError {
  return new OAuthError("invalid_grant", "The identity provider no longer accepts this login. Log in again.");
}

function unreachable(cause: UpstreamError): OAuthError {
  return unavailable("The identity provider can't be reached right now. Try again in a moment.", cause);
}

function refused(cause: UpstreamError): OAuthError {
  return new OAuthError(
    "server_error",
    "The identity provider refused this server's request. The server's log names the setting to check.",
    { status: 502, cause },
  );
}
