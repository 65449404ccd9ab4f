import {
  machineGrant,
  namedMachines,
  organizationSettings,
  ROLES_ACTION,
  role,
  rolesActionCode,
} from "./auth0-objects.ts";
import type { TenantPlan } from "./tenant-plan.ts";

/** The plan as Terraform, for the provider `auth0/auth0` from 1.0 on. */
export function formatTerraform(plan: TenantPlan): string {
  const blocks = [
    `terraform {
  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = "~> 1.0"
    }
  }
}`,
    `# Reads AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET: those of an application for the Management API.
provider "auth0" {}`,
    `resource "auth0_resource_server" "mcp" {
  name                 = ${quoteForTerraform(plan.name)}
  identifier           = ${quoteForTerraform(plan.audience)}
  signing_alg          = "RS256"
  allow_offline_access = true

  # Auth0 wants the second to be no longer than the first.
  token_lifetime         = ${plan.accessTokenLifetime}
  token_lifetime_for_web = ${plan.accessTokenLifetime}

  # The server asks for consent itself.
  skip_consent_for_verifiable_first_party_clients = true

  # Role based access control, with all of a user's permissions in the token.
  enforce_policies = true
  token_dialect    = "access_token_authz"
}`,
    ...(plan.permissions.length === 0 ? [] : [scopesResource(plan)]),
    `resource "auth0_client" "mcp" {
  name            = ${quoteForTerraform(plan.name)}
  app_type        = "regular_web"
  oidc_conformant = true
  callbacks       = [${quoteForTerraform(plan.callbackUrl)}]
  grant_types     = ["authorization_code", "refresh_token"]
${organizationAttributes(plan)}
  jwt_configuration {
    alg = "RS256"
  }

  refresh_token {
    rotation_type                = "rotating"
    expiration_type              = "expiring"
    leeway                       = ${plan.rotationLeeway}
    token_lifetime               = ${plan.sessionLifetime}
    infinite_token_lifetime      = false
    infinite_idle_token_lifetime = true
  }
}`,
    `resource "auth0_client_credentials" "mcp" {
  client_id             = auth0_client.mcp.id
  authentication_method = "client_secret_post"
}`,
    ...connectionResources,
    ...roleResources(plan),
    ...actionResources(plan),
    ...organizationResources(plan),
    ...machineResources(plan),
    `# For the whole tenant, and off unless somebody turned it on: a logout ends one client's session, not all of the user's.
# Leave this out if another configuration of yours manages the tenant, and set the flag there.
resource "auth0_tenant" "mcp" {
  flags {
    revoke_refresh_token_grant = false
  }
}`,
    `output "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID" {
  value = auth0_client.mcp.client_id
}`,
    `output "FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE" {
  value = auth0_resource_server.mcp.identifier
}`,
    `# Empty unless the application that Terraform uses has read:client_keys or read:client_credentials. Then copy the
# secret from the dashboard: Applications > (your application) > Settings > Basic Information.
output "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET" {
  value     = auth0_client_credentials.mcp.client_secret
  sensitive = true
}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

const connectionResources = [
  `variable "connections" {
  description = "Ids (con_…) of the connections that users log in with."
  type        = set(string)
  default     = []
}`,
  `resource "auth0_connection_client" "mcp" {
  for_each      = var.connections
  connection_id = each.value
  client_id     = auth0_client.mcp.client_id
}`,
];

/** With RBAC, users have only what their roles give them. */
function roleResources(plan: TenantPlan): readonly string[] {
  if (plan.permissions.length === 0) {
    return [];
  }
  const { name, description } = role(plan);
  const permissions = plan.permissions.map(
    (permission) => `  permissions {
    name                       = ${quoteForTerraform(permission)}
    resource_server_identifier = auth0_resource_server.mcp.identifier
  }`,
  );
  return [
    `resource "auth0_role" "mcp" {
  name        = ${quoteForTerraform(name)}
  description = ${quoteForTerraform(description)}
}`,
    `resource "auth0_role_permissions" "mcp" {
  role_id    = auth0_role.mcp.id
  depends_on = [auth0_resource_server_scopes.mcp]

${permissions.join("\n\n")}
}`,
    `variable "users" {
  description = "Ids of the users who get the role."
  type        = set(string)
  default     = []
}`,
    `resource "auth0_user_role" "mcp" {
  for_each = var.users
  user_id  = each.value
  role_id  = auth0_role.mcp.id
}`,
  ];
}

function actionResources({ rolesClaim }: TenantPlan): readonly string[] {
  if (rolesClaim === undefined) {
    return [];
  }
  return [
    `# Puts roles into access tokens, for tools that ask for roles.
resource "auth0_action" "roles" {
  name   = ${quoteForTerraform(ROLES_ACTION)}
  code   = ${quoteForTerraform(rolesActionCode(rolesClaim))}
  deploy = true

  supported_triggers {
    id      = "post-login"
    version = "v3"
  }
}`,
    `resource "auth0_trigger_action" "roles" {
  trigger   = "post-login"
  action_id = auth0_action.roles.id
}`,
  ];
}

function machineResources(plan: TenantPlan): readonly string[] {
  return namedMachines(plan).flatMap((clientId, index) => {
    const { scope, organization_usage: usage } = machineGrant(plan, clientId);
    const name = `machine_${index + 1}`;
    const grant = `# What a machine may do without a user. Leave out permissions that it does not need.
resource "auth0_client_grant" "${name}" {
  client_id = ${quoteForTerraform(clientId)}
  audience  = auth0_resource_server.mcp.identifier
  scopes    = [${scope.map(quoteForTerraform).join(", ")}]${
    usage === undefined ? "" : `\n\n  organization_usage = "${usage}"`
  }${scope.length === 0 ? "" : "\n\n  depends_on = [auth0_resource_server_scopes.mcp]"}
}`;
    return usage === undefined ? [grant] : [grant, ...machineOrganizations(name, clientId)];
  });
}

function machineOrganizations(name: string, clientId: string): readonly string[] {
  return [
    `variable "${name}_organizations" {
  description = ${quoteForTerraform(`Names of the organizations that the machine ${clientId} is for.`)}
  type        = set(string)
  default     = []
}`,
    `resource "auth0_organization_client_grant" "${name}" {
  for_each        = var.${name}_organizations
  organization_id = auth0_organization.customers[each.value].id
  grant_id        = auth0_client_grant.${name}.id
}`,
  ];
}

function organizationResources({ organizations }: TenantPlan): readonly string[] {
  if (organizations === "any") {
    return [];
  }
  return [
    `variable "organizations" {
  description = "The customers: an organization's name, and how it is shown."
  type        = map(string)
  default     = {}
}`,
    `resource "auth0_organization" "customers" {
  for_each     = var.organizations
  name         = each.key
  display_name = each.value
}`,
    `resource "auth0_organization_connection" "customers" {
  for_each        = { for pair in setproduct(keys(var.organizations), var.connections) : join("/", pair) => pair }
  organization_id = auth0_organization.customers[each.value[0]].id
  connection_id   = each.value[1]
}`,
    `variable "members" {
  description = "Ids of the users of each organization, by its name."
  type        = map(set(string))
  default     = {}
}`,
    `resource "auth0_organization_members" "customers" {
  for_each        = var.members
  organization_id = auth0_organization.customers[each.key].id
  members         = each.value
}`,
  ];
}

function organizationAttributes(plan: TenantPlan): string {
  const attributes = Object.entries(organizationSettings(plan));
  if (attributes.length === 0) {
    return "";
  }
  return `\n${attributes.map(([name, value]) => `  ${name.padEnd(29)} = "${value}"\n`).join("")}`;
}

function scopesResource({ permissions }: TenantPlan): string {
  const scopes = permissions.map((scope) => {
    const name = quoteForTerraform(scope);
    return `  scopes {
    name        = ${name}
    description = ${name}
  }`;
  });
  return `resource "auth0_resource_server_scopes" "mcp" {
  resource_server_identifier = auth0_resource_server.mcp.identifier

${scopes.join("\n\n")}
}`;
}

/** `text` as a quoted template of HCL that stands for itself: `\${` and `%{` begin no interpolation. */
export function quoteForTerraform(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll("${", () => "$${")
    .replaceAll("%{", "%%{");
  return `"${escaped}"`;
}
