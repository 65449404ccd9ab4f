import { type AccessPolicy, type AccessRules, createAccessPolicy } from "../authorization/access-policy.ts";
import { type AccessRule, NOBODY_RULE, OPEN_RULE } from "../authorization/access-rule.ts";
import type { Operation } from "../authorization/operations.ts";
import { EVERY, type PolicyFile, type PolicyRule } from "../authorization/policy-file.ts";
import { parseUrl, percentDecoded } from "../lib/url.ts";

/** Who may use what of an upstream, by the deployer's policy alone. */
export interface ForeignPolicy {
  readonly access: AccessPolicy;
  readonly rules: AccessRules;
  /** Every scope that a rule asks for. */
  readonly askedScopes: readonly string[];
  /** Whether what no rule names is denied. */
  readonly deniesByDefault: boolean;
}

interface Entry {
  readonly matches: (name: string) => boolean;
  readonly rule: PolicyRule;
}

/**
 * The policy of FASTMCP_AUTHORIZATION_FILE for tools that are not registered here. Names may hold `*` for any
 * characters. Every entry that matches counts. What none names follows `default`, which is `deny`.
 */
export function createForeignPolicy(file: PolicyFile): ForeignPolicy {
  const tools = entriesOf(file.tools, patternOf);
  const prompts = entriesOf(file.prompts, patternOf);
  const resources = [...entriesOf(file.resources, patternOf), ...entriesOf(file.resourceTemplates, templatePattern)];
  const templates = entriesOf(file.resourceTemplates, patternOf);
  const otherwise = file.default === "allow" ? OPEN_RULE : NOBODY_RULE;
  const known = new Map<string, AccessRule>();

  function find({ kind, name }: Operation): AccessRule {
    switch (kind) {
      case "tool":
        return combine(tools, [name], otherwise);
      case "prompt":
        return combine(prompts, [name], otherwise);
      case "resource template":
        return combine(templates, [name], otherwise);
      case "resource":
        return combine(resources, spellingsOf(name), otherwise);
    }
  }

  const rules: AccessRules = (operation) => {
    const key = `${operation.kind} ${operation.name}`;
    const found = known.get(key) ?? find(operation);
    if (known.size < MAX_KNOWN) {
      known.set(key, found);
    }
    return found;
  };
  const all = [tools, prompts, resources, templates].flat();
  return {
    access: createAccessPolicy(rules),
    rules,
    askedScopes: [...new Set(all.flatMap(({ rule }) => rule.scopes ?? []))],
    deniesByDefault: otherwise === NOBODY_RULE,
  };
}

/** Names whose rule is remembered. Clients may make up more. */
const MAX_KNOWN = 1000;

function entriesOf(section: Readonly<Record<string, PolicyRule>> = {}, toPattern: (name: string) => RegExp): Entry[] {
  return Object.entries(section).map(([name, rule]) => {
    const pattern = toPattern(name);
    return { rule, matches: (given) => given === name || pattern.test(given) };
  });
}

/** Each run of `*` is any characters. */
function patternOf(name: string): RegExp {
  return new RegExp(`^${name.split(/\*+/).map(escapePattern).join("[^]*")}$`);
}

/** What a template of RFC 6570 matches at most. */
function templatePattern(template: string): RegExp {
  if (template === EVERY) {
    return patternOf(template);
  }
  const parts = template.split(/(\{[^}]*\})/).map((part) => {
    if (!/^\{.*\}$/.test(part)) {
      return part.split(/\*+/).map(escapePattern).join("[^]*");
    }
    return /^\{\w/.test(part) ? "[^/?#]*" : "[^]*";
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** The requirements of all entries that match one of `names`. */
function combine(entries: readonly Entry[], names: readonly string[], otherwise: AccessRule): AccessRule {
  const [name = ""] = names;
  const matching = entries.filter(({ matches }) => names.some(matches));
  // Another spelling may add to what is asked for, and never allow anything.
  if (!entries.some(({ matches }) => matches(name)) && otherwise === NOBODY_RULE) {
    return NOBODY_RULE;
  }
  if (matching.length === 0) {
    return otherwise;
  }
  const union = (field: "scopes" | "permissions" | "roles") => [
    ...new Set(matching.flatMap(({ rule }) => rule[field] ?? [])),
  ];
  const organizations = matching.flatMap(({ rule }) => (rule.organizations === undefined ? [] : [rule.organizations]));
  const [first = [], ...others] = organizations;
  const common = first.filter((one) => others.every((list) => list.includes(one)));
  if (organizations.length > 0 && common.length === 0) {
    return NOBODY_RULE;
  }
  return {
    ...OPEN_RULE,
    requiredScopes: union("scopes"),
    requiredPermissions: union("permissions"),
    requiredRoles: union("roles"),
    requiredOrganizations: common,
    hidden: matching.some(({ rule }) => rule.visibility === "hidden"),
  };
}

/** As an upstream may read a URI: as it comes, in the URL standard's spelling, and without percent-encoding. */
function spellingsOf(uri: string): readonly string[] {
  const href = parseUrl(uri)?.href;
  const both = href === undefined ? [uri] : [uri, href, href.replace(/\/$/, "")];
  return [...new Set([...both, ...both.flatMap((one) => percentDecoded(one) ?? [])])];
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
