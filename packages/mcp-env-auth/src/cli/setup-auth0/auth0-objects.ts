import type { TenantPlan } from "./tenant-plan.ts";

/** The API, as the Management API takes it (POST /api/v2/resource-servers). */
export function resourceServer(plan: TenantPlan) {
  return {
    name: plan.name,
    identifier: plan.audience,
    signing_alg: "RS256",
    allow_offline_access: true,
    token_lifetime: plan.accessTokenLifetime,
    // Auth0 wants it to be no longer than the other.
    token_lifetime_for_web: plan.accessTokenLifetime,
    // The server asks for consent itself.
    skip_consent_for_verifiable_first_party_clients: true,
    // Role based access control, with all of a user's permissions in the token.
    enforce_policies: true,
    token_dialect: "access_token_authz",
    scopes: plan.permissions.map((value) => ({ value, description: value })),
  };
}

/** How the application's users log in through organizations, as the Management API and Terraform spell it. */
export function organizationSettings({ organizations }: TenantPlan) {
  if (organizations === "any") {
    return {};
  }
  const organization_require_behavior = organizations === "one" ? "no_prompt" : "pre_login_prompt";
  return { organization_usage: "require", organization_require_behavior } as const;
}

/** The application, as the Management API takes it (POST /api/v2/clients). */
export function application(plan: TenantPlan) {
  return {
    name: plan.name,
    app_type: "regular_web",
    oidc_conformant: true,
    callbacks: [plan.callbackUrl],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_post",
    ...organizationSettings(plan),
    jwt_configuration: { alg: "RS256" },
    refresh_token: {
      rotation_type: "rotating",
      expiration_type: "expiring",
      leeway: plan.rotationLeeway,
      token_lifetime: plan.sessionLifetime,
      infinite_token_lifetime: false,
      infinite_idle_token_lifetime: true,
    },
  };
}

/** The role with all permissions, as the Management API takes it (POST /api/v2/roles). */
export function role({ roleName, audience }: TenantPlan) {
  return { name: roleName, description: `All permissions of ${audience}` };
}

/** What a machine may do, as the Management API takes it (POST /api/v2/client-grants). */
export function machineGrant({ audience, permissions, organizations }: TenantPlan, clientId: string) {
  return {
    client_id: clientId,
    audience,
    scope: permissions,
    ...(organizations !== "any" && { organization_usage: "require" }),
  };
}

/** The machines that can be authorized by name. */
export function namedMachines({ machines }: TenantPlan): readonly string[] {
  return machines.filter((clientId) => clientId !== "*");
}

/** The Action that puts a user's roles into access tokens. */
export const ROLES_ACTION = "Roles in access tokens";

/** Its code (a post-login trigger, version v3). */
export function rolesActionCode(claim: string): string {
  return `exports.onExecutePostLogin = async (event, api) => {
  api.accessToken.setCustomClaim(${JSON.stringify(claim)}, event.authorization?.roles ?? []);
};`;
}

/** A tenant's own settings (PATCH /api/v2/tenants/settings): else one client's logout ends the user's others. */
export const TENANT_SETTINGS = { flags: { revoke_refresh_token_grant: false } };
