import { type AccessRule, isOpen } from "../../authorization/access-rule.ts";
import { jsonPath } from "../../authorization/json-text.ts";
import type { Operation } from "../../authorization/operations.ts";
import { EVERY, POLICY_SECTIONS, type PolicyFile, type PolicyRule } from "../../authorization/policy-file.ts";
import { nearest } from "../../lib/nearest.ts";
import { parseUrl } from "../../lib/url.ts";
import type { Registration } from "./registration.ts";

type Section = (typeof POLICY_SECTIONS)[number];

const KINDS: Readonly<Record<Section, Operation["kind"]>> = {
  tools: "tool",
  resources: "resource",
  resourceTemplates: "resource template",
  prompts: "prompt",
};

/** The rule of each registration, once the policy has been added. */
export interface AppliedPolicy {
  readonly rules: ReadonlyMap<Registration, AccessRule>;
  /** Sentences that begin with a path into the policy. */
  readonly problems: readonly string[];
}

/** Adds a policy to what code asks for. It only narrows: what code asks for stays. */
export function applyPolicyFile(registrations: readonly Registration[], policy: PolicyFile | undefined): AppliedPolicy {
  const rules = new Map(registrations.map((registration) => [registration, registration.rule]));
  const problems: string[] = [];
  for (const section of POLICY_SECTIONS) {
    const ofKind = registrations.filter(({ operation }) => operation.kind === KINDS[section]);
    for (const [name, rule] of Object.entries(policy?.[section] ?? {})) {
      const path = jsonPath([section, name]);
      const chosen =
        name === EVERY ? ofKind : ofKind.filter(({ operation }) => operation.name === spelled(section, name));
      if (chosen.length === 0) {
        problems.push(`${path} ${describeUnknown(section, name, ofKind)}`);
      }
      for (const registration of chosen) {
        const narrowed = narrow(rules.get(registration) ?? registration.rule, rule);
        if (narrowed === undefined) {
          problems.push(`${path}.organizations ${describeNobody(registration, rules.get(registration))}`);
        } else {
          rules.set(registration, narrowed);
        }
      }
    }
  }
  return { rules, problems: [...problems, ...hiddenFromNobody(registrations, rules, policy)] };
}

/** What is asked for nothing is seen by everybody: whoever hides it by name expects something else. */
function hiddenFromNobody(
  registrations: readonly Registration[],
  rules: AppliedPolicy["rules"],
  policy: PolicyFile | undefined,
): string[] {
  return POLICY_SECTIONS.flatMap((section) =>
    Object.entries(policy?.[section] ?? {})
      .filter(([name, { visibility }]) => name !== EVERY && visibility === "hidden")
      .filter(([name]) =>
        registrations.some((registration) => {
          const { operation, rule } = registration;
          const isMeant = operation.kind === KINDS[section] && operation.name === spelled(section, name);
          return isMeant && isOpen(rules.get(registration) ?? rule);
        }),
      )
      .map(
        ([name]) =>
          `${jsonPath([section, name])}.visibility hides it from nobody: it asks for no scope, permission, role or organization. Add who may use it.`,
      ),
  );
}

/** `undefined`: nobody could meet both. */
function narrow(rule: AccessRule, policy: PolicyRule): AccessRule | undefined {
  const { scopes = [], permissions = [], roles = [], organizations, visibility } = policy;
  const requiredOrganizations = bothOf(rule.requiredOrganizations, organizations);
  if (organizations !== undefined && requiredOrganizations.length === 0) {
    return undefined;
  }
  const narrowed = {
    ...rule,
    requiredScopes: union(rule.requiredScopes, scopes),
    requiredPermissions: union(rule.requiredPermissions, permissions),
    requiredRoles: union(rule.requiredRoles, roles),
    requiredOrganizations,
    hidden: rule.hidden || visibility === "hidden",
  };
  return Object.keys(policy).length === 0 ? rule : narrowed;
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

/** Of any organization, an empty list and an absent one say nothing. */
function bothOf(one: readonly string[], other: readonly string[] | undefined): readonly string[] {
  if (other === undefined) {
    return one;
  }
  return one.length === 0 ? other : one.filter((organization) => other.includes(organization));
}

/** As it was registered: a URI in the spelling that the URL standard gives it. */
function spelled(section: Section, name: string): string {
  return section === "resources" ? (parseUrl(name)?.href ?? name) : name;
}

function describeUnknown(section: Section, name: string, ofKind: readonly Registration[]): string {
  const kind = KINDS[section];
  const names = ofKind.map(({ operation }) => operation.name);
  if (names.length === 0) {
    return `is no ${kind}: this server registers none.`;
  }
  const meant = nearest(name, names);
  return `is no ${kind} of this server. ${meant === undefined ? `There are: ${names.join(", ")}` : `Did you mean ${meant}?`}`;
}

function describeNobody({ label, rule }: Registration, narrowed = rule): string {
  const { requiredOrganizations } = narrowed;
  const others =
    requiredOrganizations === rule.requiredOrganizations
      ? "by the code, and a policy can't open it to others"
      : `by another rule, such as that of ${EVERY}, and both have to hold`;
  return `leaves nobody who may use it. ${label} is for ${requiredOrganizations.join(", ")} ${others}.`;
}
