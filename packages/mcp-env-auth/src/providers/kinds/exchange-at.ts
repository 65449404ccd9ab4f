import type { ExchangeTarget, TokenExchange } from "../../access-token.ts";
import { ToolError } from "../../errors.ts";
import { noAdvice } from "../../provider-advice.ts";
import { ANSWERED_BY_OTHERS } from "../../upstream/token-refusal.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import type { ProxyDeclaration } from "./proxy-settings.ts";

/** Exchanges requests' tokens at `upstream`: what a tool hears of a failure names what to set. */
export function exchangeAt(
  upstream: () => Upstream | undefined,
  { nameOf, advice = noAdvice }: Pick<ProxyDeclaration, "nameOf" | "advice">,
): TokenExchange {
  const [id, secret] = [nameOf("tokenExchangeClientId"), nameOf("tokenExchangeClientSecret")];
  return async ({ token, expiresAt }, { audience, resource, scopes = [] }) => {
    const known = upstream();
    if (known === undefined) {
      throw unreachable();
    }
    if (known.exchangeToken === undefined) {
      throw new Error(
        `To call other APIs as the user, set ${id} and ${secret} to those of the client that may exchange tokens. ${advice.tokenExchange ?? ""}`.trimEnd(),
      );
    }
    try {
      return await known.exchangeToken({ subjectToken: token, expiresAt, audience, resource, scopes });
    } catch (error) {
      throw describe(error, { audience, resource }, `${id} and ${secret}`, advice.tokenExchange);
    }
  };
}

/** RFC 8693 section 2.2.2, and the words of Keycloak and Entra for it. */
const UNKNOWN_API: ReadonlySet<string> = new Set(["invalid_target", "invalid_client", "invalid_resource"]);

function describe(
  error: unknown,
  { audience, resource }: { readonly [Name in keyof ExchangeTarget]: ExchangeTarget[Name] | undefined },
  variables: string,
  advice = "The client must be allowed to exchange the provider's tokens (RFC 8693) for ones for that API.",
): unknown {
  if (!(error instanceof UpstreamError)) {
    return error;
  }
  if (error.kind === "unavailable") {
    return unreachable(error);
  }
  if (needsConsent(error)) {
    return new Error(
      `The user has not agreed that this server calls ${audience ?? resource}: ${error.message} ${advice}`,
      { cause: error },
    );
  }
  if (error.code === "interaction_required") {
    return new ToolError(
      "The identity provider asks for another step of the login, such as a second factor, before it gives access to this API. Log in again.",
      { cause: error },
    );
  }
  if (error.kind === "invalid_grant") {
    return new ToolError("The login is no longer good at the identity provider. Log in again.", { cause: error });
  }
  if (error.kind === "rejected" && UNKNOWN_API.has(error.code ?? "")) {
    return new Error(
      `The identity provider does not know the API ${audience ?? resource}: ${error.message} Register it there, or correct the audience that exchangeToken() names.`,
      { cause: error },
    );
  }
  if (error.about === "answer" && error.kind !== "credentials") {
    return new Error(
      `The token was not exchanged for one for ${audience ?? resource}: ${error.message} ${ANSWERED_BY_OTHERS}`,
      { cause: error },
    );
  }
  return new Error(
    `The identity provider did not exchange the token for one for ${audience ?? resource}: ${error.message} Check ${variables}. ${advice}`,
    { cause: error },
  );
}

/** Another login alone doesn't help: somebody has to agree to the other API. */
function needsConsent({ code, description = "" }: UpstreamError): boolean {
  return code === "consent_required" || (code === "invalid_grant" && /\bconsent/i.test(description));
}

function unreachable(cause?: unknown): ToolError {
  return new ToolError("The identity provider can't be reached right now. Try again in a moment.", { cause });
}
