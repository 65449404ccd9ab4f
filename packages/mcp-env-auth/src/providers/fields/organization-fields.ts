import { stringList } from "../../env/list-fields.ts";
import { text } from "../../env/plain-fields.ts";

export interface OrganizationFieldHints {
  /** The claim that the provider names organizations in. Default `org_id`. */
  readonly claim?: string;
  /** What its values look like. */
  readonly examples?: readonly [string, string];
}

/** The settings of a server that is for some organizations (tenants) only: `OrganizationSettings`. */
export function organizationFields({
  claim = "org_id",
  examples = ["org_acme", "org_globex"],
}: OrganizationFieldHints = {}) {
  return {
    allowedOrganizations: stringList({
      description:
        "The organizations (tenants) that may use this server; left out, all of them, and logins through none; [] for nobody",
      example: JSON.stringify(examples),
    }),
    organizationClaim: text({
      description: "The claim of tokens that names the organization (tenant) they are for",
      example: "https://example.com/tenant",
      default: claim,
    }),
  };
}
