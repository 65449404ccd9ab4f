import { text } from "../env/plain-fields.ts";
import type { ConfigProblem } from "../errors.ts";
import type { SettingNames } from "./declaration.ts";
import { organizationFields } from "./fields/organization-fields.ts";

const ID_CLAIM = "org_id";

/** What a server for Auth0 organizations is configured with. */
export const auth0OrganizationFields = {
  organization: text({
    description: "The one organization that every login is through: its id, or its name where the tenant allows names",
    example: "org_9ybsU1dN2dKfDkBi",
    where: "Auth0 Dashboard > Organizations > (your organization) > Organization ID",
  }),
  ...organizationFields({ examples: ["org_9ybsU1dN2dKfDkBi", "org_3bT4ZgJ8kQwYx2Vc"] }),
};

interface Auth0OrganizationSettings {
  readonly organization?: string;
  readonly organizationClaim?: string;
  readonly allowedOrganizations?: readonly string[];
  readonly extraAuthorizeParams?: Readonly<Record<string, string>>;
}

/** The claim that names an organization for people, beside that of its id: of the tenant's own claims, none. */
export function organizationNameClaim(claim: string): string | undefined {
  return claim === ID_CLAIM ? "org_name" : undefined;
}

/** What the kind of proxy is given for these settings: the organization in every login, and in every token. */
export function auth0Organizations(settings: Auth0OrganizationSettings & { readonly organizationClaim: string }) {
  const { organization, organizationClaim, extraAuthorizeParams } = settings;
  return {
    organizationNameClaim: organizationNameClaim(organizationClaim),
    organizationInIdToken: organizationClaim === ID_CLAIM,
    ...(organization !== undefined && { extraAuthorizeParams: { ...extraAuthorizeParams, organization } }),
  };
}

/** What is wrong with the settings together. */
export function checkAuth0Organizations(
  settings: Partial<Auth0OrganizationSettings>,
  { nameOf }: SettingNames,
): readonly ConfigProblem[] {
  const { organization, allowedOrganizations, organizationClaim = ID_CLAIM, extraAuthorizeParams } = settings;
  const problems: ConfigProblem[] = [];
  if (extraAuthorizeParams?.organization !== undefined) {
    const message = `has an organization, which is only asked for there. Set ${nameOf("organization")} instead: it is enforced, too.`;
    problems.push({ variable: nameOf("extraAuthorizeParams"), message });
  }
  if (organization === undefined) {
    return problems;
  }
  if (allowedOrganizations !== undefined) {
    const message = `and ${nameOf("allowedOrganizations")} are both set. Keep the first where every login is through one organization, the second where users choose theirs.`;
    problems.push({ variable: nameOf("organization"), message });
  }
  if (organizationClaim !== ID_CLAIM) {
    const message = `can't be ${organizationClaim} with ${nameOf("organization")}, which Auth0 answers in ${ID_CLAIM}. Use ${nameOf("allowedOrganizations")}.`;
    problems.push({ variable: nameOf("organizationClaim"), message });
  }
  return problems;
}
