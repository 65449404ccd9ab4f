import type { Field } from "../../env/field.ts";
import { text } from "../../env/plain-fields.ts";

/** What a provider's tokens are known to say of roles. */
export interface RolesClaim {
  /** Where the provider's own tokens name them. */
  readonly default?: string;
  readonly example?: string;
  /** How to get roles into the token. */
  readonly where?: string;
}

/** Auth0's tokens name roles only where an Action adds them, under a name with a namespace. */
export const AUTH0_ROLES: RolesClaim = {
  where: "a claim that you choose and an Action sets: Auth0 Dashboard > Actions > Triggers > post-login",
};

/** The field that every provider has, and `requiredRoles` needs. */
export function rolesFields({ default: standard, example = "https://example.com/roles", where }: RolesClaim = {}) {
  return {
    rolesClaim: text({
      description:
        "The claim of the access token that lists the user's roles: its exact name, or a path through objects (realm_access.roles). Required for tools with requiredRoles",
      example,
      ...(where === undefined ? {} : { where }),
      ...(standard === undefined ? {} : { default: standard }),
    }) as Field<string, string, "optional">,
  };
}

/** The fields that {@link rolesFields} declares. */
export type RolesFields = ReturnType<typeof rolesFields>;
