import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { OPEN_RULE } from "../../authorization/access-rule.ts";
import { createRuleLookup } from "./rule-lookup.ts";

const MANY = 200_000;

describe("the rule of a resource", () => {
  it("is found whatever letters its URI has, also after many others (Node 20 and 22: URL.canParse)", () => {
    const rule = { ...OPEN_RULE, requiredScopes: ["weather:read"] };
    const template = new ResourceTemplate("https://{host}/now", { list: undefined });
    const lookUp = createRuleLookup([
      { operation: { kind: "resource template", name: "https://{host}/now" }, name: "now", template, rule },
    ]);
    for (let count = 0; count < MANY; count++) {
      lookUp({ kind: "resource", name: `https://x${count % 7}.example/now` });
    }
    expect(lookUp({ kind: "resource", name: "https://bücher.example/now" })).toBe(rule);
    expect(lookUp({ kind: "resource", name: "https://łódź.example/now" })).toBe(rule);
  });
});
