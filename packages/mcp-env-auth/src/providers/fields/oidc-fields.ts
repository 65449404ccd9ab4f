import { httpUrl } from "../../env/url-fields.ts";
import { enterpriseFields } from "./enterprise-fields.ts";
import { machineFields } from "./machine-fields.ts";
import { type OrganizationFieldHints, organizationFields } from "./organization-fields.ts";
import { confidentialProxyFields, type ProxyFieldHints, timeoutField } from "./proxy-fields.ts";
import { scopeClaimsField } from "./scope-claims.ts";

export interface OidcFieldHints extends ProxyFieldHints {
  readonly configUrl: { readonly example: string; readonly where: string };
  /** Where the client ids of machines are. */
  readonly machines: { readonly where: string };
  readonly organizations?: OrganizationFieldHints;
}

/** The settings of a provider of OpenID Connect with JWTs as access tokens, but for the audience and the subject. */
export function oidcFields({ configUrl, machines, organizations, ...hints }: OidcFieldHints) {
  const { title } = hints;
  return {
    configUrl: httpUrl({
      description: `The address of ${title}'s OpenID Connect discovery document`,
      required: true,
      secure: true,
      mayBePlain: true,
      ...configUrl,
    }),
    ...confidentialProxyFields(hints),
    scopeClaims: scopeClaimsField(),
    ...organizationFields(organizations),
    ...enterpriseFields,
    ...machineFields({ title, ...machines }),
    timeoutSeconds: timeoutField(title),
  };
}

/** Scopes of the login, which many providers grant and leave out of the access token. */
export const LOGIN_SCOPES: readonly string[] = ["openid", "profile", "email", "address", "phone"];
