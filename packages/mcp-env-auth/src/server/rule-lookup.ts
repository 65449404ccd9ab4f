import type { ResourceTemplate } from "@modelcontextprotocol/server";
import type { AccessRules } from "../authorization/access-policy.ts";
import type { AccessRule } from "../authorization/access-rule.ts";
import type { Operation } from "../authorization/operations.ts";
import { parseUrl } from "../parse-url.ts";

/** One registration and the rule that it is served under. */
export interface RuledRegistration {
  readonly operation: Operation;
  /** What the SDK keeps it under. */
  readonly name: string;
  readonly template?: ResourceTemplate;
  readonly rule: AccessRule;
}

/** Finds the rule of what a request names. Resources are found as the SDK finds them: the exact URI first, then the first template that matches. */
export function createRuleLookup(ruled: readonly RuledRegistration[]): AccessRules {
  const byKind = (wanted: Operation["kind"]) =>
    new Map(
      ruled.filter(({ operation }) => operation.kind === wanted).map(({ operation, rule }) => [operation.name, rule]),
    );
  const tools = byKind("tool");
  const prompts = byKind("prompt");
  const resources = byKind("resource");
  const templatesByText = byKind("resource template");
  // In the SDK's order, which is that of an object's members: names that are numbers come first.
  const templates = Object.values(
    Object.fromEntries(
      ruled.flatMap(({ name, template, rule }) => (template === undefined ? [] : [[name, { template, rule }]])),
    ) as Record<string, { readonly template: ResourceTemplate; readonly rule: AccessRule }>,
  );
  return ({ kind, name }) => {
    if (kind === "tool") return tools.get(name);
    if (kind === "prompt") return prompts.get(name);
    if (kind === "resource template") return templatesByText.get(name);
    const href = parseUrl(name)?.href;
    if (href === undefined) return undefined;
    const exact = resources.get(href);
    if (exact !== undefined) return exact;
    return templates.find(({ template }) => template.uriTemplate.match(href) !== null)?.rule;
  };
}
