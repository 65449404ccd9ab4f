import { createMcpHandler, ResourceTemplate } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AccessToken, runWithAccessToken } from "../../access-token.ts";
import { offerOf } from "../testing/offer.ts";
import type { AccessRequirements } from "./access-requirements.ts";
import { Registrations } from "./registrations.ts";

const WORDS = ["a", "b", "c"] as const;
const some = fc.subarray([...WORDS], { minLength: 1, maxLength: 2 });
const rule: fc.Arbitrary<AccessRequirements> = fc.record(
  {
    requiredScopes: some,
    anyScope: some,
    requiredPermissions: some,
    requiredRoles: some,
    requiredOrganizations: some,
    visibility: fc.constantFrom("listed", "hidden"),
  },
  { requiredKeys: [] },
);
const caller: fc.Arbitrary<AccessToken> = fc
  .record({
    scopes: fc.subarray([...WORDS]),
    permissions: fc.subarray([...WORDS]),
    roles: fc.subarray([...WORDS]),
    organization: fc.constantFrom("", ...WORDS),
  })
  .map(({ scopes, permissions, roles, organization }) => ({
    token: "t",
    clientId: "c",
    subject: "s",
    expiresAt: 2e9,
    scopes,
    roles,
    claims: { permissions },
    ...(organization !== "" && { organization }),
  }));

/** The rules in the plainest words, to hold the code to. */
function standing(rule: AccessRequirements, token: AccessToken): "allowed" | "steps-up" | "forbidden" {
  const permissions = token.claims.permissions as string[];
  const accountHasAll =
    (rule.requiredPermissions ?? []).every((name) => permissions.includes(name)) &&
    (rule.requiredRoles ?? []).every((name) => token.roles?.includes(name)) &&
    (rule.requiredOrganizations?.includes(token.organization ?? "none") ?? true);
  if (!accountHasAll) {
    return "forbidden";
  }
  const clientHasAll =
    (rule.requiredScopes ?? []).every((name) => token.scopes.includes(name)) &&
    (rule.anyScope?.some((name) => token.scopes.includes(name)) ?? true);
  return clientHasAll ? "allowed" : "steps-up";
}

const isListed = (rule: AccessRequirements, token: AccessToken) => {
  const found = standing(rule, token);
  return found === "allowed" || (found === "steps-up" && rule.visibility !== "hidden");
};

// Those that overlap come in every order; names that are numbers, in the SDK's own.
const URIS = ["r://one", "r://{id}", "r://{+rest}"];
const things = fc.record({
  tools: fc.array(rule, { minLength: 1, maxLength: 3 }),
  resources: fc
    .shuffledSubarray(URIS)
    .chain((uris) => fc.tuple(...uris.map((uri) => fc.tuple(fc.constant(uri), rule)))),
  numbered: fc.boolean(),
});
type Things = typeof things extends fc.Arbitrary<infer T> ? T : never;

function serverOf({ tools, resources, numbered }: Things) {
  const registrations = new Registrations();
  const ran: AccessRequirements[] = [];
  const handler = (own: AccessRequirements) => () => {
    ran.push(own);
    return "ran";
  };
  tools.forEach((own, index) => {
    registrations.addTool(`tool-${index}`, own, handler(own));
  });
  resources.forEach(([uri, own], index) => {
    const target = uri.includes("{") ? new ResourceTemplate(uri, { list: undefined }) : uri;
    registrations.addResource(numbered ? String(9 - index) : `named-${index}`, target, own, handler(own));
  });
  const offer = offerOf(registrations);
  const sdk = createMcpHandler(offer.build);

  async function ask(token: AccessToken, method: string, params: object) {
    const parsedBody = { jsonrpc: "2.0", id: 1, method, params };
    const denial = offer.policy.judge(parsedBody, token);
    if (denial !== undefined) {
      return denial.kind;
    }
    const request = new Request("http://localhost/mcp", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    });
    const response = await runWithAccessToken(token, () => sdk.fetch(request, { parsedBody }));
    return response.text();
  }
  return { ask, ran };
}

describe("whatever is registered, and whoever calls", () => {
  it("a tool runs for those whom its rule allows, is challenged for scopes alone, and unknown where it is hidden", async () => {
    await fc.assert(
      fc.asyncProperty(things, caller, async (registered, token) => {
        const { ask, ran } = serverOf(registered);
        for (const [index, own] of registered.tools.entries()) {
          const name = `tool-${index}`;
          const answer = await ask(token, "tools/call", { name, arguments: {} });
          const found = standing(own, token);
          const wanted = { allowed: '"ran"', "steps-up": "scopes", forbidden: "forbidden" }[found];
          expect(answer).toContain(
            found !== "allowed" && own.visibility === "hidden" ? `Tool ${name} not found` : wanted,
          );
          expect(ran.splice(0)).toEqual(found === "allowed" ? [own] : []);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("no resource is read but by a handler whose rule allows it, whichever template matches", async () => {
    await fc.assert(
      fc.asyncProperty(
        things,
        caller,
        fc.constantFrom("r://one", "r://two", "r://two/three", "R://one"),
        async (registered, token, uri) => {
          const { ask, ran } = serverOf(registered);
          const answer = await ask(token, "resources/read", { uri });
          for (const own of ran) {
            expect(standing(own, token)).toBe("allowed");
          }
          expect(answer.includes('"ran"')).toBe(ran.length > 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("lists show what may be used, or could after a login for more scopes", async () => {
    await fc.assert(
      fc.asyncProperty(things, caller, async (registered, token) => {
        const { ask } = serverOf(registered);
        const shown = [...(await ask(token, "tools/list", {})).matchAll(/"name":"tool-(\d)"/g)].map(([, index]) =>
          Number(index),
        );
        expect(shown).toEqual(
          [...registered.tools.keys()].filter((index) => isListed(registered.tools[index] ?? {}, token)),
        );
        const templates = await ask(token, "resources/templates/list", {});
        for (const [uri, own] of registered.resources.filter(([uri]) => uri.includes("{"))) {
          expect(templates.includes(`"${uri}"`)).toBe(isListed(own, token));
        }
      }),
      { numRuns: 150 },
    );
  });
});
