import { organizationSettings } from "./auth0-objects.ts";
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
  token_lifetime       = ${plan.accessTokenLifetime}

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
    `output "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID" {
  value = auth0_client.mcp.client_id
}`,
    `output "FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE" {
  value = auth0_resource_server.mcp.identifier
}`,
    `output "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET" {
  value     = auth0_client_credentials.mcp.client_secret
  sensitive = true
}`,
  ];
  return `${blocks.join("\n\n")}\n`;
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
