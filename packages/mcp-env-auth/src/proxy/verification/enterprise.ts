import { OFFLINE_ACCESS } from "../../scope.ts";
import type { IdJag } from "../../upstream/id-jag.ts";
import { missingSubject, personOf } from "../../upstream/token-subject.ts";
import type { ProviderSession } from "../context.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { checkResource } from "../protocol/resource-indicator.ts";
import type { AccessGrant } from "../tokens/sealed-tokens.ts";

/**
 * What is wrong with where an assertion is for: this authorization server alone, and this MCP server. One for another
 * server, whose operator has seen it, is never good here.
 */
export function addressFault(
  { audiences, resource }: IdJag,
  options: Pick<OAuthProxyOptions, "issuer" | "resource">,
): string | undefined {
  // A bare origin is spelled with and without a slash at its end.
  const ours = [options.issuer, options.issuer.replace(/\/$/, "")];
  const [audience, ...others] = audiences;
  if (audience === undefined || others.length > 0 || !ours.includes(audience)) {
    return `The assertion's aud must be ${options.issuer}, and nothing else.`;
  }
  try {
    checkResource(resource, options.resource);
  } catch {
    return `The assertion's resource must be ${options.resource}.`;
  }
}

/** What an assertion may give: what it names and the server knows; where it names nothing, what every token needs. */
export function enterpriseScopes(
  { scopes }: IdJag,
  { requiredScopes, scopesSupported }: Pick<OAuthProxyOptions, "requiredScopes" | "scopesSupported">,
): readonly string[] {
  return (scopes ?? requiredScopes).filter((scope) => scopesSupported.includes(scope) && scope !== OFFLINE_ACCESS);
}

/**
 * Claims that say who somebody is. Whatever else an enterprise asserts gives its users no role and no permission here.
 */
const PASSED_ON = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "resource", "scope"] as const;
const IDENTITY = ["email", "email_verified", "name", "auth_time", "acr", "amr"] as const;

/** The claims of an assertion that handlers see. */
export function enterpriseClaims({ claims }: IdJag): Readonly<Record<string, unknown>> {
  const names = [...PASSED_ON, ...IDENTITY].filter((name) => Object.hasOwn(claims, name));
  return Object.fromEntries(names.map((name) => [name, claims[name]]));
}

/**
 * Whom an assertion is about. One of the provider's own names its user as the provider's tokens do. The `sub` of any
 * other is unique at its issuer only: so that no enterprise can speak of another's user, or of one of the provider's,
 * it is put behind the issuer.
 *
 * @throws UpstreamTokenError `subject` when it names nobody, or by what is reserved for others.
 */
export function enterpriseSubject({ issuer, subject, claims }: IdJag, { upstream }: ProviderSession): string {
  const own = upstream.client.metadata.issuer;
  const { otherIssuers } = upstream.subject ?? {};
  const named =
    issuer === own
      ? personOf(claims, upstream.subject)
      : personOf(
          { iss: issuer, sub: subject, sub_profile: claims.sub_profile },
          { issuer: [own ?? "", issuer], otherIssuers },
        );
  if (named === undefined) {
    throw missingSubject(claims, upstream.subject);
  }
  return named;
}

/** The moment at which a grant's assertion was good: when it was used. */
export function assertedAt({ loginTime }: Pick<AccessGrant, "loginTime">): number {
  return loginTime;
}
