import { printable } from "../../env/terminal-text.ts";
import { hang, type Terminal } from "../terminal.ts";
import { envLines } from "./auth0-commands.ts";
import type { TenantPlan } from "./tenant-plan.ts";

/** The plan as steps in the Auth0 Dashboard. */
export function formatChecklist(plan: TenantPlan, terminal: Terminal): string {
  const list = (steps: readonly string[]) =>
    steps.map((step) => hang("  [ ]", printable(step), { indent: 6, width: terminal.width }));
  return [
    terminal.style("bold", `The API (${plan.configUrl?.host ?? "your tenant"}: Applications > APIs > Create API)`),
    ...list(apiSteps(plan)),
    "",
    terminal.style("bold", "The application (Applications > Applications > Create Application)"),
    ...list(applicationSteps(plan)),
    "",
    terminal.style("bold", "Users (User Management > Roles)"),
    ...list(userSteps(plan)),
    "",
    terminal.style("bold", "The tenant (Settings > Advanced)"),
    ...list([
      "Refresh Token Revocation Deletes Grant: off, so that a logout ends one client's session and not all of the user's",
    ]),
    "",
    terminal.style("bold", "The .env"),
    ...envLines(plan).map((line) => `  ${printable(line)}`),
    "",
    "The same as commands: --cli; as Terraform: --terraform. Then: mcp-env-auth doctor",
    "",
  ].join("\n");
}

function apiSteps({ audience, audienceIsSet, permissions, accessTokenLifetime, name }: TenantPlan): string[] {
  const proposal = audienceIsSet ? "" : " (proposed: the MCP URL; any URI will do, and it can't be changed later)";
  return [
    `Name: ${name}`,
    `Identifier: ${audience}${proposal}`,
    "JSON Web Token (JWT) Signing Algorithm: RS256; it can't be changed later",
    permissions.length === 0
      ? "Permissions: none are named in the .env; add the requiredScopes of your tools (--scope adds them here)"
      : `Permissions: ${permissions.join(", ")}; and the requiredScopes of your tools, where they are not among these`,
    `Settings > Maximum Access Token Lifetime: ${accessTokenLifetime} seconds; this server's own tokens last no longer`,
    "Settings > Allow Offline Access: on, so that users stay logged in",
    "Settings > Allow Skipping User Consent: on, as the server asks for consent itself",
    'Settings > RBAC: "Enable RBAC" and "Add Permissions in the Access Token", so that roles decide who may do what',
  ];
}

function applicationSteps(plan: TenantPlan): string[] {
  const { callbackUrl, rotationLeeway, sessionLifetime } = plan;
  return [
    "Application type: Regular Web Application",
    `Allowed Callback URLs: ${callbackUrl}`,
    "Credentials > Authentication Method: Client Secret (Post)",
    "Advanced Settings > Grant Types: Authorization Code and Refresh Token, and no other",
    `Refresh Token Rotation: on, with a Rotation Overlap Period of ${rotationLeeway} seconds, so that a client that refreshes twice at once keeps its session`,
    `Refresh Token Expiration: Maximum Refresh Token Lifetime on, ${sessionLifetime} seconds; Idle off`,
    "Connections: those that your users log in with",
    ...organizationSteps(plan),
    ...machineSteps(plan),
  ];
}

function organizationSteps({ organizations }: TenantPlan): string[] {
  if (organizations === "any") {
    return [];
  }
  const flow = organizations === "one" ? "No Prompt: the server names the organization" : "Prompt for Organization";
  return [
    `Login Experience: Business Users, ${flow}`,
    "Organizations: one for each customer, with its members and the connections they log in with",
  ];
}

function machineSteps({ machines, organizations }: TenantPlan): string[] {
  if (machines.length === 0) {
    return [];
  }
  const which = machines.includes("*") ? "every machine that may use the server" : machines.join(", ");
  return [
    `Machine to Machine applications (${which}): authorize each for the API, with the permissions that it may have`,
    ...(organizations === "any"
      ? []
      : ["Each machine's access to the API > Organization Support: Required, with the organizations that it is for"]),
  ];
}

function userSteps({ permissions, roleName, rolesClaim }: TenantPlan): string[] {
  const list = permissions.length === 0 ? "the API's permissions" : permissions.join(", ");
  return [
    `With RBAC, users have only what a role gives them: make one (${roleName}) with ${list}, and assign it`,
    ...(rolesClaim === undefined
      ? []
      : [
          `Actions > Triggers > post-login: an Action with api.accessToken.setCustomClaim("${rolesClaim}", event.authorization?.roles ?? []), so that tools can ask for roles`,
        ]),
  ];
}
