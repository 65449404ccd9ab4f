import type { ProviderAdvice } from "../provider-advice.ts";
import { OFFLINE_ACCESS } from "../scope.ts";
import type { ProviderScopes } from "../upstream/authorization-code-client.ts";
import { type SubjectRules, unusualClaim } from "../upstream/subject-rules.ts";
import { namesNobody } from "../upstream/token-subject.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import type { AuthProviderContext } from "./auth-provider.ts";
import { verifyIssuedJwts } from "./kinds/issued-jwts.ts";

/** Scopes of OpenID Connect: Entra spells them without a URI, and never writes them into access tokens. */
export const IDENTITY_SCOPES: readonly string[] = ["openid", "profile", "email", OFFLINE_ACCESS];

/** The tenant of personal Microsoft accounts. */
const CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Tenant ids that stand for many tenants. */
const MANY_TENANTS: readonly string[] = ["common", "organizations"];

/** Whether a tenant id lets in accounts of tenants that others administer, or nobody. */
export function isManyTenants(tenantId: string): boolean {
  return [...MANY_TENANTS, "consumers", CONSUMERS].includes(tenantId.toLowerCase());
}

/** How Entra spells scopes: those of our API with its URI in front. */
export function entraScopes(identifierUri: string, atLogin: readonly string[]): ProviderScopes {
  return {
    toProvider: (scope) =>
      IDENTITY_SCOPES.includes(scope) || scope.includes("/") ? scope : `${identifierUri}/${scope}`,
    atLogin,
  };
}

export interface EntraTokenOptions {
  /** `https://login.microsoftonline.com`. */
  readonly authority: string;
  readonly tenantId: string;
  /** Of its addresses: the tenant's id, or its name and a policy (B2C). */
  readonly tenantPath: string;
  /** The `iss` of tokens, exactly. Default: the tenant's, by its id. */
  readonly issuer?: string | undefined;
  readonly clientId: string;
  readonly identifierUri: string;
  /** The variable that names the audience, for messages. */
  readonly audienceVariable: string;
  readonly advice?: ProviderAdvice | undefined;
  readonly subject?: SubjectRules | undefined;
}

/** Verifies Entra's access tokens, version 2.0: issued by the tenant, for our API, with scopes in either spelling. */
export async function createEntraVerifier(
  options: EntraTokenOptions,
  context: AuthProviderContext,
): Promise<UpstreamTokenVerifier> {
  const { authority, tenantPath, clientId, identifierUri, audienceVariable, advice, subject } = options;
  // Issuers have it in lower case.
  const tenantId = options.tenantId.toLowerCase();
  const issuerOf = (tenant: unknown) => `${authority}/${tenant}/v2.0`;
  const many = options.issuer === undefined && MANY_TENANTS.includes(tenantId);
  const issuer = options.issuer ?? issuerOf(tenantId === "consumers" ? CONSUMERS : tenantId);
  const jwts = await verifyIssuedJwts(
    {
      issuer: many ? undefined : issuer,
      audience: [clientId, identifierUri],
      audienceVariable,
      advice,
      subject,
      algorithms: ["RS256"],
      jwksUri: `${authority}/${tenantPath}/discovery/v2.0/keys`,
      clientId,
      impliedScopes: IDENTITY_SCOPES,
      check({ iss, tid, sub }) {
        if (unusualClaim(subject) === undefined && namesNobody(sub)) {
          throw new UpstreamTokenError(
            "subject",
            `The token identifies nobody: its sub claim is the same for everybody. In the user flow's properties at Azure AD B2C, set Subject (sub) claim to ObjectID${subject?.variable === undefined ? "" : `, or set ${subject.variable} to oid`}.`,
          );
        }
        if (many && (typeof tid !== "string" || iss !== issuerOf(tid))) {
          throw new UpstreamTokenError("issuer", "The token's issuer is not the tenant that it names.");
        }
        if (tenantId === "organizations" && tid === CONSUMERS) {
          throw new UpstreamTokenError("issuer", "The token is of a personal account, and organizations lets in none.");
        }
      },
    },
    context,
  );
  return {
    ...jwts,
    async verify(token, login) {
      const verified = await jwts.verify(token, login);
      const spelledOut = verified.scopes
        .filter((scope) => !scope.includes("/"))
        .map((scope) => `${identifierUri}/${scope}`);
      return { ...verified, scopes: [...verified.scopes, ...spelledOut] };
    },
  };
}
