import { quoteEnvValue } from "../../env/dotenv.ts";
import { Auth0Provider } from "../../providers/auth0.ts";
import {
  application,
  machineGrant,
  namedMachines,
  ROLES_ACTION,
  resourceServer,
  role,
  rolesActionCode,
  TENANT_SETTINGS,
} from "./auth0-objects.ts";
import type { TenantPlan } from "./tenant-plan.ts";

/** The plan as commands of the Auth0 CLI, for a POSIX shell. */
export function formatAuth0Commands(plan: TenantPlan): string {
  // The CLI knows a tenant by its own domain, not by a custom one.
  const host = plan.configUrl?.host.endsWith(".auth0.com") ? plan.configUrl.host : undefined;
  const tenant = host === undefined ? "" : ` --tenant ${quoteForShell(host)}`;
  const send = (method: string, path: string, data: object) =>
    `auth0 api ${method} ${path}${tenant} --data ${quoteForShell(toJson(data))}`;
  return [
    "# Commands of the Auth0 CLI for a POSIX shell. Once: auth0 login",
    "",
    "# The API that tokens are for, with its permissions, offline access and RBAC.",
    send("post", "resource-servers", resourceServer(plan)),
    "",
    "# The application that logs users in. Its client_id and client_secret are in the answer.",
    `CLIENT=$(${send("post", "clients", application(plan))})`,
    `printf '%s\\n' "$CLIENT"`,
    idFrom("CLIENT_ID", "CLIENT", "client_id"),
    "",
    "# The connections that its users log in with: for each, put its id in place of CONNECTION_ID.",
    `#   auth0 api get connections${tenant}`,
    `#   auth0 api patch connections/CONNECTION_ID/clients${tenant} --data "[{\\"client_id\\":\\"$CLIENT_ID\\",\\"status\\":true}]"`,
    "",
    ...roleCommands(plan, tenant, send),
    ...machineCommands(plan, tenant, send),
    ...organizationCommands(plan, tenant),
    "# For the whole tenant, and off unless somebody turned it on: a logout ends one client's session, not all of the user's.",
    send("patch", "tenants/settings", TENANT_SETTINGS),
    "",
    "# Then put these into the .env:",
    ...envLines(plan).map((line) => `#   ${line}`),
    "",
  ].join("\n");
}

type Send = (method: string, path: string, data: object) => string;

function roleCommands(plan: TenantPlan, tenant: string, send: Send): readonly string[] {
  const { audience, permissions, rolesClaim } = plan;
  const roleLines = [
    "# With RBAC, users have only what their roles give them: a role with all permissions.",
    `ROLE=$(${send("post", "roles", role(plan))})`,
    idFrom("ROLE_ID", "ROLE", "id"),
    `auth0 roles permissions add "$ROLE_ID"${tenant} --api-id ${quoteForShell(audience)} --permissions ${quoteForShell(permissions.join(","))}`,
    "# Assign it: for each user, put the id in place of USER_ID.",
    `#   auth0 users roles assign USER_ID${tenant} --roles "$ROLE_ID"`,
    "",
  ];
  const action = (claim: string) => [
    "# The Action that puts roles into access tokens, for tools that ask for roles.",
    `ACTION=$(${send("post", "actions/actions", {
      name: ROLES_ACTION,
      supported_triggers: [{ id: "post-login", version: "v3" }],
      code: rolesActionCode(claim),
    })})`,
    idFrom("ACTION_ID", "ACTION", "id"),
    `auth0 actions deploy "$ACTION_ID"${tenant}`,
    "# It runs once it is in the flow: Actions > Triggers > post-login.",
    "",
  ];
  return [...(permissions.length === 0 ? [] : roleLines), ...(rolesClaim === undefined ? [] : action(rolesClaim))];
}

function machineCommands(plan: TenantPlan, tenant: string, send: Send): readonly string[] {
  const machines = namedMachines(plan);
  if (machines.length === 0) {
    return [];
  }
  const withOrganizations = [
    "# For each organization that a machine is for, put its id in place of ORG_ID, and the grant's in place of GRANT_ID.",
    `#   auth0 api post organizations/ORG_ID/client-grants${tenant} --data '{"grant_id":"GRANT_ID"}'`,
  ];
  return [
    "# What machines may do without a user. Leave out permissions that one does not need.",
    ...machines.map((clientId) => send("post", "client-grants", machineGrant(plan, clientId))),
    ...(plan.organizations === "any" ? [] : withOrganizations),
    "",
  ];
}

function organizationCommands({ organizations }: TenantPlan, tenant: string): readonly string[] {
  if (organizations === "any") {
    return [];
  }
  return [
    "# An organization for each customer, with its connections and members.",
    `#   auth0 orgs create${tenant} --name acme --display "Acme"`,
    `#   auth0 api post organizations/ORG_ID/enabled_connections${tenant} --data '{"connection_id":"CONNECTION_ID"}'`,
    `#   auth0 api post organizations/ORG_ID/members${tenant} --data '{"members":["USER_ID"]}'`,
    "",
  ];
}

/** Takes a member of a JSON object out of a shell variable. */
function idFrom(variable: string, json: string, member: string): string {
  return `${variable}=$(printf '%s\\n' "$${json}" | sed -n 's/.*"${member}": *"\\([^"]*\\)".*/\\1/p' | head -n 1)`;
}

/** The lines that the `.env` needs once the tenant is set up. */
export function envLines({ baseUrl, configUrl, audience, requiredScopes, rolesClaim }: TenantPlan): string[] {
  const { classPath, prefix } = Auth0Provider.declaration;
  return [
    `FASTMCP_SERVER_AUTH=${classPath}`,
    `${prefix}CONFIG_URL=${configUrl?.href ?? "https://YOUR_TENANT.us.auth0.com/.well-known/openid-configuration"}`,
    `${prefix}AUDIENCE=${quoteEnvValue(audience)}`,
    `${prefix}CLIENT_ID=`,
    `${prefix}CLIENT_SECRET=`,
    `${prefix}BASE_URL=${baseUrl.href}`,
    ...(requiredScopes === undefined ? [] : [`${prefix}REQUIRED_SCOPES=${quoteEnvValue(requiredScopes.join(" "))}`]),
    ...(rolesClaim === undefined ? [] : [`${prefix}ROLES_CLAIM=${quoteEnvValue(rolesClaim)}`]),
    "# What openssl rand -base64 32 prints. Keep the one that you have.",
    `${prefix}JWT_SIGNING_KEY=`,
  ];
}

/** `text` as one word of a POSIX shell (Shell Command Language, section 2.2.2). */
export function quoteForShell(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function toJson(value: object): string {
  return JSON.stringify(value, undefined, 2);
}
