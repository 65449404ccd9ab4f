import type { AccessToken } from "../../access-token.ts";
import { type AccessRule, isOpen, OPEN_RULE, PUBLIC_RULE } from "../../authorization/access-rule.ts";
import { ConfigError } from "../../errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { isScopeToken, OFFLINE_ACCESS } from "../../scope.ts";

/**
 * Who may use a registration; for servers with a provider only. All of it must hold. What is asked of the account
 * (permissions, roles, organization) is judged first: no login for more scopes can give it.
 *
 * @typeParam Scope the scopes that `createServer()` was given, where it was given any.
 */
export interface AccessRequirements<Scope extends string = string> {
  /**
   * `public`: everybody may use it, also without signing in. Clients that have not signed in see and use only what is
   * public. Excludes all other fields. Default: only callers with a good token may use it.
   */
  readonly access?: "public";
  /**
   * Scopes that the caller's token must carry, all of them: what the user lets this client do. A caller without one
   * gets a 403 challenge that asks for it.
   */
  readonly requiredScopes?: readonly Scope[];
  /** Scopes of which the caller's token must carry at least one. A caller without any is asked to get the first. */
  readonly anyScope?: readonly Scope[];
  /**
   * Permissions that the user must have, all of them, by the provider's `permissions` claim (Auth0 RBAC): what the user
   * may do, whatever this client was given. It is no consent: name the scope too where the client must have it.
   */
  readonly requiredPermissions?: readonly string[];
  /** Roles that the user must have, all of them, by the claim that the provider's ROLES_CLAIM names. */
  readonly requiredRoles?: readonly string[];
  /** Organizations (tenants) of which the token must be for one. */
  readonly requiredOrganizations?: readonly string[];
  /**
   * `hidden`: who may not use it yet for want of scopes does not see it either, and to all who may not use it, it is
   * unknown. Default `listed`: who could use it after a login for more scopes sees it.
   */
  readonly visibility?: "listed" | "hidden";
}

/**
 * Decides about one call, with arguments that were parsed and validated, after all else was found good. Only `true`
 * lets it through; a text is told to the caller as the reason. An error that it throws denies the call too, masked like
 * a handler's.
 */
export type Authorize<Args> = (token: AccessToken, args: Args) => boolean | string | Promise<boolean | string>;

/** A registration's configuration with our fields: `authorize` is typed where the arguments are known. */
interface Requirements extends AccessRequirements {
  readonly authorize?: unknown;
}

/** A registration's configuration as the SDK has it: without our authorization fields. */
export function withoutRequirements<C extends Requirements>(config: C): Omit<C, keyof Requirements> {
  const rest = { ...config };
  for (const field of FIELDS) {
    delete rest[field];
  }
  return rest;
}

const FIELDS = [
  "access",
  "requiredScopes",
  "anyScope",
  "requiredPermissions",
  "requiredRoles",
  "requiredOrganizations",
  "visibility",
  "authorize",
] as const satisfies (keyof Requirements)[];

/** What people may well write for one of ours. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ["scope", "requiredScopes"],
  ["scopes", "requiredScopes"],
  ["permissions", "requiredPermissions"],
  ["roles", "requiredRoles"],
  ["organizations", "requiredOrganizations"],
  ["hidden", "visibility"],
  ["public", "access"],
]);

/** In the name of a field that the SDK would publish with a resource: it was meant to protect it. */
const PROTECTS =
  /scope|permission|role|organi[sz]ation|tenant|authori[sz]|visib|hidden|^(?:auth[nz]?|access|allow|guard|hide|orgs?|policy)$/i;

/** The SDK's own fields of a tool's or prompt's configuration. */
const SDK_FIELDS = [
  "title",
  "description",
  "inputSchema",
  "outputSchema",
  "argsSchema",
  "annotations",
  "icons",
  "_meta",
  "scopeChallenge",
];

/**
 * Refuses a configuration with a field that nobody knows: a misspelt `requiredScopes` would leave the registration
 * open.
 *
 * @param what the beginning of a sentence about it.
 * @param open whether the SDK takes fields of any name, as it does for a resource's metadata; then only what is near to
 * one of ours, or sounds like it, is refused.
 * @throws ConfigError
 */
export function checkFields(what: string, config: Requirements, open = false): void {
  for (const field of Object.keys(config)) {
    if (isOurs(field)) {
      if (config[field] !== undefined) {
        continue;
      }
      throw new ConfigError(
        `${what} is registered with ${field}, which is undefined. Leave it out, or say what it is.`,
      );
    }
    if (SDK_FIELDS.includes(field)) {
      continue;
    }
    const meant = MEANT.get(field) ?? nearest(field, FIELDS);
    if (open && meant === undefined && !PROTECTS.test(field)) {
      continue;
    }
    const known = [...FIELDS, ...SDK_FIELDS].join(", ");
    throw new ConfigError(
      `${what} is registered with ${field}, which is no field. ${meant ? `Did you mean ${meant}?` : `There are ${known}.`}`,
    );
  }
}

function isOurs(field: string): field is (typeof FIELDS)[number] {
  return (FIELDS as readonly string[]).includes(field);
}

/**
 * The rule of a registration.
 *
 * @param what the beginning of a sentence about it.
 * @throws ConfigError for values that mean nothing.
 */
export function accessRule(what: string, requirements: Requirements): AccessRule {
  if (requirements.access !== undefined) {
    return publicRule(what, requirements);
  }
  const { visibility = "listed", authorize } = requirements;
  const list = (field: ListField, isGood: (entry: string) => boolean, expected: string) =>
    readList(what, field, requirements[field], isGood, expected);
  const scope = `no scope of a tool: one word without quotes or backslashes (RFC 6749 section 3.3), and not ${OFFLINE_ACCESS}, which no access token carries`;
  const name = "no name: a text without spaces around it";
  if (visibility !== "listed" && visibility !== "hidden") {
    throw new ConfigError(`${what} has the visibility ${JSON.stringify(visibility)}. There are "listed" and "hidden".`);
  }
  if (authorize !== undefined && typeof authorize !== "function") {
    throw new ConfigError(
      `${what} is registered with authorize, which must be a function of the token and the arguments.`,
    );
  }
  const rule: AccessRule = {
    requiredScopes: list("requiredScopes", isScopeOfResources, scope),
    anyScope: list("anyScope", isScopeOfResources, scope),
    requiredPermissions: list(
      "requiredPermissions",
      isScopeToken,
      "no permission: one word without quotes or backslashes",
    ),
    requiredRoles: list("requiredRoles", isName, name),
    requiredOrganizations: list("requiredOrganizations", isName, name),
    hidden: visibility === "hidden",
  };
  return isOpen(rule) && !rule.hidden ? OPEN_RULE : rule;
}

/** @throws ConfigError where something else protects what is public. */
function publicRule(what: string, { access, ...others }: Requirements): AccessRule {
  if (access !== "public") {
    throw new ConfigError(
      `${what} has the access ${JSON.stringify(access)}. Write "public" to let everybody use it without signing in, or leave the field out.`,
    );
  }
  const protecting = [...FIELDS, "scopeChallenge"].filter((field) => Object.hasOwn(others, field));
  if (protecting.length > 0) {
    throw new ConfigError(
      `${what} has the access "public" and ${protecting.join(", ")}. Nobody who has not signed in can meet that: remove access, or remove ${protecting.join(", ")}.`,
    );
  }
  return PUBLIC_RULE;
}

type ListField = "requiredScopes" | "anyScope" | "requiredPermissions" | "requiredRoles" | "requiredOrganizations";

/** Of these one is enough, so that none of none would be nobody, or everybody. */
const ONE_OF: readonly ListField[] = ["anyScope", "requiredOrganizations"];

function readList(
  what: string,
  field: ListField,
  value: unknown,
  isGood: (entry: string) => boolean,
  expected: string,
): readonly string[] {
  if (value === undefined) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw new ConfigError(`${what} is registered with ${field} that is no list. Write it as ["…"].`);
  }
  if (value.length === 0 && ONE_OF.includes(field)) {
    throw new ConfigError(`${what} is registered with an empty ${field}: one of none. Leave it out, or name some.`);
  }
  const wrong = value.findIndex((entry) => typeof entry !== "string" || !isGood(entry));
  if (wrong !== -1) {
    throw new ConfigError(`${what} has ${JSON.stringify(value[wrong])} in ${field}, which is ${expected}.`);
  }
  return [...value];
}

function isScopeOfResources(text: string): boolean {
  return isScopeToken(text) && text !== OFFLINE_ACCESS;
}

function isName(text: string): boolean {
  return text !== "" && text.trim() === text && !/\p{Cc}/u.test(text);
}
