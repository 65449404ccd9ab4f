import { Auth0Provider } from "../../providers/auth0.ts";
import { quoteEnvValue } from "../env-value.ts";
import { application, resourceServer } from "./auth0-objects.ts";
import type { TenantPlan } from "./tenant-plan.ts";

/** The plan as commands of the Auth0 CLI, for a POSIX shell. */
export function formatAuth0Commands(plan: TenantPlan): string {
  // The CLI knows a tenant by its own domain, not by a custom one.
  const host = plan.configUrl?.host.endsWith(".auth0.com") ? plan.configUrl.host : undefined;
  const tenant = host === undefined ? "" : ` --tenant ${quoteForShell(host)}`;
  return [
    "# Commands of the Auth0 CLI for a POSIX shell. Once: auth0 login",
    "",
    "# The API that tokens are for, with its permissions, offline access and RBAC.",
    `auth0 api post resource-servers${tenant} --data ${quoteForShell(toJson(resourceServer(plan)))}`,
    "",
    "# The application that logs users in. Its client_id and client_secret are in the answer.",
    `auth0 api post clients${tenant} --data ${quoteForShell(toJson(application(plan)))}`,
    "",
    "# Then put these into the .env:",
    ...envLines(plan).map((line) => `#   ${line}`),
    "",
  ].join("\n");
}

/** The lines that the `.env` needs once the tenant is set up. */
export function envLines({ baseUrl, configUrl, audience }: TenantPlan): string[] {
  return [
    `FASTMCP_SERVER_AUTH=${Auth0Provider.declaration.classPath}`,
    `FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL=${configUrl?.href ?? "https://YOUR_TENANT.us.auth0.com/.well-known/openid-configuration"}`,
    `FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE=${quoteEnvValue(audience)}`,
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID=",
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=",
    `FASTMCP_SERVER_AUTH_AUTH0_BASE_URL=${baseUrl.href}`,
  ];
}

/** `text` as one word of a POSIX shell (Shell Command Language, section 2.2.2). */
export function quoteForShell(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function toJson(value: object): string {
  return JSON.stringify(value, undefined, 2);
}
