import type { AccessToken } from "../access-token.ts";
import { isRecord, type Operation } from "../authorization/operations.ts";
import { isListed } from "../authorization/standing.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";

/** What lists of the protocol hold, and by which field of an entry it is judged. */
const LISTS: Readonly<Record<string, { readonly kind: Operation["kind"]; readonly field: string }>> = {
  tools: { kind: "tool", field: "name" },
  prompts: { kind: "prompt", field: "name" },
  resources: { kind: "resource", field: "uri" },
  resourceTemplates: { kind: "resource template", field: "uriTemplate" },
};

/** Says how a tool may be called, for clients that read that of lists. */
export type SchemesOf = (tool: string) => readonly object[];

/**
 * Takes out of a message what `token` may not see in a list. `undefined`: nothing has to change.
 *
 * @param schemesOf absent where the client doesn't read them.
 */
export function filterLists(
  message: unknown,
  token: AccessToken,
  policy: ForeignPolicy,
  schemesOf?: SchemesOf,
): object | undefined {
  if (Array.isArray(message)) {
    const edited = message.map((one) => filterLists(one, token, policy, schemesOf));
    return edited.every((one) => one === undefined) ? undefined : message.map((one, index) => edited[index] ?? one);
  }
  if (!isRecord(message) || !isRecord(message.result)) {
    return undefined;
  }
  const { result } = message;
  const lists = Object.entries(LISTS).filter(([name]) => Array.isArray(result[name]));
  if (lists.length === 0) {
    return undefined;
  }
  const filtered = lists.map(([name, { kind, field }]) => {
    const shown = (result[name] as unknown[]).filter((entry) => mayList(entry, kind, field));
    return [name, kind === "tool" && schemesOf ? shown.map((tool) => withSchemes(tool, schemesOf)) : shown] as const;
  });
  return { ...message, result: { ...result, ...Object.fromEntries(filtered) } };

  function mayList(entry: unknown, kind: Operation["kind"], field: string): boolean {
    const name = isRecord(entry) ? entry[field] : undefined;
    const rule = typeof name === "string" ? policy.rules({ kind, name }) : undefined;
    return rule !== undefined && isListed(rule, policy.access.standing(rule, token));
  }
}

function withSchemes(tool: unknown, schemesOf: SchemesOf): object {
  const { name, _meta, ...rest } = tool as { readonly name: string; readonly _meta?: object };
  const securitySchemes = schemesOf(name);
  return { name, ...rest, securitySchemes, _meta: { ..._meta, securitySchemes } };
}
