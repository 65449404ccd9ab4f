import { scopes, stringOrList } from "../../env/list-fields.ts";
import { requiredBaseUrl, resourceBaseUrlField } from "./base-url.ts";
import { type OrganizationFieldHints, organizationFields } from "./organization-fields.ts";
import { uncutScopeClaimsField } from "./scope-claims.ts";
import { subjectFields } from "./subject-claim.ts";

export interface RemoteFieldHints {
  /** The provider's name. */
  readonly title: string;
  readonly requiredScopes: { readonly example: string; readonly where?: string };
  readonly audience: {
    /** What it is when left out. */
    readonly otherwise: string;
    readonly example: string;
    readonly where?: string;
    readonly alias?: string;
  };
  readonly organizations?: OrganizationFieldHints;
}

/**
 * In FastMCP 2.x, the only way to have the audience of AuthKit, Scalekit and Supabase checked by the environment alone.
 */
export const FASTMCP_AUDIENCE = "FASTMCP_SERVER_AUTH_JWT_AUDIENCE";

/** The settings that every provider shares at which clients register themselves. */
export function remoteFields({ title, requiredScopes, audience, organizations }: RemoteFieldHints) {
  const { otherwise, ...hints } = audience;
  return {
    baseUrl: requiredBaseUrl(),
    ...resourceBaseUrlField(),
    requiredScopes: scopes({
      description: `The scopes that every token of ${title}'s must carry`,
      default: [],
      ...requiredScopes,
    }),
    scopesSupported: scopes({
      description:
        "The scopes that clients are told to ask for, if they are not spelled as in tokens. Default: those that every token must carry, and those of tools (FASTMCP_LOGIN_SCOPES)",
      example: "api://weather/read",
    }),
    audience: stringOrList({
      description: `The aud claim that tokens must have (or a JSON array of several); left out, ${otherwise}`,
      ...hints,
    }),
    scopeClaims: uncutScopeClaimsField(),
    ...organizationFields(organizations),
    ...subjectFields(),
  };
}

/** For a provider whose tokens name an issuer that differs from what is known of it. */
export function tokenIssuerField({ otherwise }: { readonly otherwise: string }) {
  return {
    tokenIssuer: stringOrList({
      description: `The iss claim that tokens must have, exactly (or a JSON array of several names of this one issuer). Default: ${otherwise}`,
      example: "https://issuer.example.com",
    }),
  };
}
