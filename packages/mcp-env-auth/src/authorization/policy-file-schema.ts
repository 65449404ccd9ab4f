import * as z from "zod";
import { OFFLINE_ACCESS, SCOPE_TOKEN } from "../scope.ts";

const SCOPE = "one word without quotes or backslashes (RFC 6749 section 3.3)";
const NAME = "a text that is not empty, without spaces around it";

const list = (entry: z.ZodString, description: string) =>
  z
    .array(entry, { error: "must be a list of texts" })
    .min(1, { error: "is an empty list, which asks for nothing; leave it out" })
    .optional()
    .describe(description);
const word = z.string({ error: "must be a text" }).regex(SCOPE_TOKEN, { error: `must be ${SCOPE}` });
const scope = word.refine((text) => text !== OFFLINE_ACCESS, {
  error: `can't be ${OFFLINE_ACCESS}, which no access token carries`,
});
const name = z.string({ error: "must be a text" }).regex(/^\S(?:.*\S)?$/, { error: `must be ${NAME}` });

/** What a policy asks for of one registration, or of all of a kind. */
export const ruleSchema = z
  .strictObject(
    {
      scopes: list(scope, "Scopes that the token must carry, all of them: what the user lets the client do."),
      permissions: list(
        word,
        "Permissions that the user must have, all of them, by the permissions claim (Auth0 RBAC).",
      ),
      roles: list(
        name,
        "Roles that the user must have, all of them, by the claim that ROLES_CLAIM of the provider names.",
      ),
      organizations: list(name, "Organizations (tenants) of which the token must be for one."),
      visibility: z
        .literal("hidden", { error: 'must be "hidden", or be left out' })
        .optional()
        .describe("hidden: who may not use it does not see it, and it answers them as if it were not there."),
    },
    { error: "must be an object" },
  )
  .meta({ id: "rule", description: "Who may use it: all of this, on top of what the code asks for." });

const section = (description: string) =>
  z.record(z.string(), ruleSchema, { error: "must be an object" }).optional().describe(description);

const quota = (description: string) =>
  z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be 1 or more; leave it out for no limit" })
    .max(1_000_000_000, { error: "must be 1000000000 or less" })
    .optional()
    .describe(description);

/** What FASTMCP_AUTHORIZATION_FILE holds. The published JSON Schema is made of this. */
export const policyFileSchema = z
  .strictObject(
    {
      $schema: z.string({ error: "must be a text" }).optional().describe("Where this schema is, for editors."),
      default: z
        .union([z.literal("deny"), z.literal("allow")], { error: 'must be "deny" or "allow"' })
        .optional()
        .describe("Of the gateway alone: whether callers may use what no rule names. Default: deny."),
      tools: section("By name; * for every tool. Behind the gateway, * in a name stands for any characters."),
      resources: section("By URI; * for every resource of one URI."),
      resourceTemplates: section("By the template's text, such as weather://{city}; * for every template."),
      prompts: section("By name; * for every prompt."),
      quotas: z
        .strictObject(
          {
            perUser: quota("Requests that one user may make in a minute, as FASTMCP_QUOTA_PER_USER."),
            perClient: quota(
              "Requests in a minute of a machine, and of one user through one client, as FASTMCP_QUOTA_PER_CLIENT.",
            ),
          },
          { error: "must be an object" },
        )
        .optional()
        .describe("How much each user and client may ask for. Where the environment has a lower limit, that holds."),
    },
    { error: "must be an object" },
  )
  .describe("Who may use which tool, resource and prompt of an MCP server, on top of what its code asks for.");

/** What a rule of a policy may hold. */
export const RULE_FIELDS = Object.keys(ruleSchema.shape) as readonly (keyof z.infer<typeof ruleSchema>)[];

/** Where the package keeps it, for editors: `"$schema": "./node_modules/mcp-env-auth/authorization.schema.json"`. */
export const SCHEMA_FILE = "authorization.schema.json";

/**
 * The JSON Schema of FASTMCP_AUTHORIZATION_FILE, made of what the server itself checks. Draft 7, which every editor
 * knows.
 */
export function policyJsonSchema(): string {
  const schema = z.toJSONSchema(policyFileSchema, { target: "draft-7" });
  return `${JSON.stringify({ ...schema, title: "mcp-env-auth authorization policy" }, undefined, 2)}\n`;
}

/** What `quotas` may hold. */
export const QUOTA_FIELDS = ["perUser", "perClient"] as const;

/** What a policy may hold, but for its schema. */
export const POLICY_FIELDS = Object.keys(policyFileSchema.shape).filter((field) => field !== "$schema");
