import { describe, expect, it } from "vitest";
import { OPEN_RULE, PUBLIC_RULE } from "../../authorization/access-rule.ts";
import type { Ruled } from "./offer.ts";
import { createSecuritySchemes } from "./security-schemes.ts";

const ruled = (name: string, rule: Partial<typeof OPEN_RULE> | typeof PUBLIC_RULE, kind = "tool") =>
  ({
    registration: { name, operation: { kind, name } },
    rule: rule === PUBLIC_RULE || rule === OPEN_RULE ? rule : { ...OPEN_RULE, ...rule },
  }) as unknown as Ruled;

const schemesOf = createSecuritySchemes(
  [
    ruled("open", PUBLIC_RULE),
    ruled("member", OPEN_RULE),
    ruled("write", { requiredScopes: ["write", "openid"], anyScope: ["a", "b"], requiredRoles: ["editor"] }),
    ruled("narrowed", { ...PUBLIC_RULE, requiredScopes: ["extra"] }),
    ruled("a prompt", { requiredScopes: ["write"] }, "prompt"),
  ],
  ["openid"],
);

describe("the security schemes of a tool", () => {
  it.each([
    ["open", [{ type: "noauth" }]],
    ["member", [{ type: "oauth2", scopes: ["openid"] }]],
    ["write", [{ type: "oauth2", scopes: ["openid", "write", "a"] }]],
    ["narrowed", [{ type: "oauth2", scopes: ["openid", "extra"] }]],
    ["a prompt", []],
    ["nothing", []],
  ])("%s", (name, schemes) => {
    expect(schemesOf(name)).toEqual(schemes);
  });
});
