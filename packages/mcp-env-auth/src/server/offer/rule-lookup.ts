import type { ResourceTemplate, Variables } from "@modelcontextprotocol/server";
import type { AccessRules } from "../../authorization/access-policy.ts";
import type { AccessRule } from "../../authorization/access-rule.ts";
import type { Operation } from "../../authorization/operations.ts";
import { parseUrl } from "../../lib/url.ts";

/** One registration and the rule that it is served under. */
export interface RuledRegistration {
  readonly operation: Operation;
  /** What the SDK keeps it under. */
  readonly name: string;
  readonly template?: ResourceTemplate;
  readonly rule: AccessRule;
}

/** Finds the rule of what a request names. */
export function createRuleLookup(ruled: readonly RuledRegistration[]): AccessRules {
  const byKind = (wanted: Operation["kind"]) =>
    new Map(
      ruled.filter(({ operation }) => operation.kind === wanted).map(({ operation, rule }) => [operation.name, rule]),
    );
  const tools = byKind("tool");
  const prompts = byKind("prompt");
  const templatesByText = byKind("resource template");
  const findResource = createResourceLookup(ruled);
  return ({ kind, name }) => {
    if (kind === "tool") {
      return tools.get(name);
    }
    if (kind === "prompt") {
      return prompts.get(name);
    }
    if (kind === "resource template") {
      return templatesByText.get(name);
    }
    return findResource(name)?.registered.rule;
  };
}

/**
 * Finds the name that the registration of what a request names is known by: a template's is its text.
 *
 * @param maxUriLength characters; a longer URI has no name. It may not have been refused yet, and to match one against
 * a template takes more than linear time.
 */
export function createNameLookup(
  ruled: readonly RuledRegistration[],
  maxUriLength: number,
): (operation: Operation) => string | undefined {
  const names = new Set(ruled.map(({ operation: { kind, name } }) => `${kind} ${name}`));
  const findResource = createResourceLookup(ruled, maxUriLength);
  return ({ kind, name }) => {
    if (kind === "resource") {
      return findResource(name)?.registered.operation.name;
    }
    return names.has(`${kind} ${name}`) ? name : undefined;
  };
}

/** What a URI leads to. */
export interface FoundResource<R> {
  readonly registered: R;
  readonly uri: URL;
  /** Of the template; none for a resource of one URI. */
  readonly variables: Variables;
}

/** Finds what a URI leads to as the SDK does: the exact URI first, then the first template that matches. */
export function createResourceLookup<R extends RuledRegistration>(
  ruled: readonly R[],
  maxUriLength = Number.POSITIVE_INFINITY,
): (uri: string) => FoundResource<R> | undefined {
  const resources = new Map(
    ruled.filter(({ operation }) => operation.kind === "resource").map((one) => [one.operation.name, one]),
  );
  // In the SDK's order, which is that of an object's members: names that are numbers come first.
  const templates = Object.values(
    Object.fromEntries(
      ruled.flatMap((one) => (one.template === undefined ? [] : [[one.name, { template: one.template, one }]])),
    ) as Record<string, { readonly template: ResourceTemplate; readonly one: R }>,
  );
  return (text) => {
    const uri = parseUrl(text);
    if (uri === undefined || uri.href.length > maxUriLength) {
      return undefined;
    }
    const exact = resources.get(uri.href);
    if (exact !== undefined) {
      return { registered: exact, uri, variables: {} };
    }
    for (const { template, one } of templates) {
      const variables = template.uriTemplate.match(uri.href);
      if (variables !== null) {
        return { registered: one, uri, variables };
      }
    }
    return undefined;
  };
}
