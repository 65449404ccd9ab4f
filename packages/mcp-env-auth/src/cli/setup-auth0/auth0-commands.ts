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
    ...variables(plan, tenant),
    "",
    "# The API that tokens are for, with its permissions, offline access and RBAC.",
    send("post", "resource-servers", resourceServer(plan)),
    "",
    "# The application that logs users in. Its client_id and client_secret are in the answer.",
    `CLIENT=$(${send("post", "clients", application(plan))})`,
    `printf '%s\\n' "$CLIENT"`,
    idFrom("CLIENT_ID", "CLIENT", "client_id"),
    "",
    "# The connections that its users log in with.",
    ...forEach("CONNECTION", "CONNECTIONS", [
      `auth0 api patch "connections/$CONNECTION/clients"${tenant} --data "[{\\"client_id\\":\\"$CLIENT_ID\\",\\"status\\":true}]"`,
    ]),
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

/** What only the operator knows. Everything below runs without it, and does less. */
function variables(plan: TenantPlan, tenant: string): readonly string[] {
  const customers = plan.organizations !== "any";
  return [
    "# Fill these in, with spaces between ids. What stays empty is left out.",
    `# Ids of the connections that users log in with: auth0 api get connections${tenant}`,
    "CONNECTIONS=''",
    ...(plan.permissions.length === 0 ? [] : ["# Ids of the users who get the role, such as auth0|1234.", "USERS=''"]),
    ...(customers
      ? [
          `# Ids of your customers' organizations: auth0 orgs list${tenant}, or auth0 orgs create`,
          "ORGANIZATIONS=''",
          "# Their members, each as ORGANIZATION/USER: org_1234/auth0|1234.",
          "MEMBERS=''",
        ]
      : []),
    ...(customers && namedMachines(plan).length > 0
      ? ["# Ids of the organizations that the machines are for.", "MACHINE_ORGANIZATIONS=''"]
      : []),
  ];
}

function forEach(variable: string, list: string, commands: readonly string[]): readonly string[] {
  return [`for ${variable} in $${list}; do`, ...commands.map((command) => `  ${command}`), "done"];
}

function roleCommands(plan: TenantPlan, tenant: string, send: Send): readonly string[] {
  const { audience, permissions, rolesClaim } = plan;
  const roleLines = [
    "# With RBAC, users have only what their roles give them: a role with all permissions.",
    `ROLE=$(${send("post", "roles", role(plan))})`,
    idFrom("ROLE_ID", "ROLE", "id"),
    `auth0 roles permissions add "$ROLE_ID"${tenant} --api-id ${quoteForShell(audience)} --permissions ${quoteForShell(permissions.join(","))}`,
    ...forEach("USER_ID", "USERS", [`auth0 users roles assign "$USER_ID"${tenant} --roles "$ROLE_ID"`]),
    "",
  ];
  return [
    ...(permissions.length === 0 ? [] : roleLines),
    ...(rolesClaim === undefined ? [] : actionCommands(rolesClaim, tenant, send)),
  ];
}

const BINDINGS = "actions/triggers/post-login/bindings";

/** Prints the trigger's Actions and, last, ours. Auth0 replaces the whole list. */
const ADD_BINDING = `const { bindings = [] } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const kept = bindings.map(({ id, display_name }) => ({ ref: { type: "binding_id", value: id }, display_name }));
const added = { ref: { type: "action_id", value: process.argv[1] }, display_name: ${JSON.stringify(ROLES_ACTION)} };
console.log(JSON.stringify({ bindings: [...kept, added] }));`;

function actionCommands(claim: string, tenant: string, send: Send): readonly string[] {
  return [
    "# The Action that puts roles into access tokens, for tools that ask for roles.",
    `ACTION=$(${send("post", "actions/actions", {
      name: ROLES_ACTION,
      supported_triggers: [{ id: "post-login", version: "v3" }],
      code: rolesActionCode(claim),
    })})`,
    idFrom("ACTION_ID", "ACTION", "id"),
    `auth0 actions deploy "$ACTION_ID"${tenant}`,
    "# It runs after the Actions that are in the login flow now.",
    `BINDINGS=$(auth0 api get ${BINDINGS}${tenant} | node -e ${quoteForShell(ADD_BINDING)} "$ACTION_ID")`,
    `auth0 api patch ${BINDINGS}${tenant} --data "$BINDINGS"`,
    "",
  ];
}

function machineCommands(plan: TenantPlan, tenant: string, send: Send): readonly string[] {
  const machines = namedMachines(plan);
  if (machines.length === 0) {
    return [];
  }
  const grant = (clientId: string) => send("post", "client-grants", machineGrant(plan, clientId));
  return [
    "# What machines may do without a user. Leave out permissions that one does not need.",
    ...machines.flatMap((clientId) =>
      plan.organizations === "any"
        ? [grant(clientId)]
        : [
            `GRANT=$(${grant(clientId)})`,
            idFrom("GRANT_ID", "GRANT", "id"),
            ...forEach("ORGANIZATION", "MACHINE_ORGANIZATIONS", [
              `auth0 api post "organizations/$ORGANIZATION/client-grants"${tenant} --data "{\\"grant_id\\":\\"$GRANT_ID\\"}"`,
            ]),
          ],
    ),
    "",
  ];
}

function organizationCommands({ organizations }: TenantPlan, tenant: string): readonly string[] {
  if (organizations === "any") {
    return [];
  }
  const connect = forEach("CONNECTION", "CONNECTIONS", [
    `auth0 api post "organizations/$ORGANIZATION/enabled_connections"${tenant} --data "{\\"connection_id\\":\\"$CONNECTION\\"}"`,
  ]);
  return [
    "# The customers' organizations: the connections that they log in with, and their members.",
    ...forEach("ORGANIZATION", "ORGANIZATIONS", connect),
    ...forEach("MEMBER", "MEMBERS", [
      `auth0 api post "organizations/\${MEMBER%%/*}/members"${tenant} --data "{\\"members\\":[\\"\${MEMBER#*/}\\"]}"`,
    ]),
    "",
  ];
}

/** Takes a member of a JSON object out of a shell variable. */
function idFrom(variable: string, json: string, member: string): string {
  return `${variable}=$(printf '%s\\n' "$${json}" | sed -n 's/.*"${member}": *"\\([^"]*\\)".*/\\1/p' | head -n 1)`;
}

/** The lines that the `.env` needs once the tenant is set up. */
export function envLines(plan: TenantPlan): string[] {
  const { baseUrl, configUrl, audience, requiredScopes, rolesClaim } = plan;
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
    ...plan.kept.map(({ name, value }) => `${prefix}${name}=${quoteEnvValue(value)}`),
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
