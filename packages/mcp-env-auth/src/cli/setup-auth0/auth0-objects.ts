import type { TenantPlan } from "./tenant-plan.ts";

/** The API, as the Management API takes it (POST /api/v2/resource-servers). */
export function resourceServer(plan: TenantPlan) {
  return {
    name: plan.name,
    identifier: plan.audience,
    signing_alg: "RS256",
    allow_offline_access: true,
    token_lifetime: plan.accessTokenLifetime,
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
