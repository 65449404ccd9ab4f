import { describe, expect, it } from "vitest";
import { promptFor, withOfflineAccess } from "./offline-access.ts";

describe("offline access", () => {
  it("is asked for by scope, once, or not at all", () => {
    expect(withOfflineAccess(["openid"], "scope")).toEqual(["openid", "offline_access"]);
    expect(withOfflineAccess(["offline_access", "openid"], "consent")).toEqual(["offline_access", "openid"]);
    expect(withOfflineAccess(["offline_access", "openid"], undefined)).toEqual(["offline_access", "openid"]);
    expect(withOfflineAccess(["offline_access", "openid"], "off")).toEqual(["openid"]);
  });

  it.each([
    ["consent", undefined, "consent"],
    ["consent", "login", "login consent"],
    ["consent", "consent", "consent"],
    ["consent", "none", "consent"],
    ["scope", "login", "login"],
    ["off", undefined, undefined],
  ] as const)("%s turns the prompt %s into %s", (mode, prompt, expected) => {
    expect(promptFor(mode, prompt)).toBe(expected);
  });
});
