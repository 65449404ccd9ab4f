import { describe, expect, it } from "vitest";
import { machineScopes } from "../verification/machines.ts";
import { carriedScopes, effectiveScopes, withheldScopes } from "./effective-scopes.ts";

describe("Security rule 16: effective scopes are those consented to and carried", () => {
  it("gives no scope that the provider's token carries but the client did not ask for", () => {
    expect(effectiveScopes(["weather:read"], ["weather:read", "weather:write", "admin"])).toEqual(["weather:read"]);
  });

  it("gives no scope that the client asked for but the provider's token does not carry", () => {
    expect(effectiveScopes(["weather:read", "weather:write"], ["weather:read"])).toEqual(["weather:read"]);
  });

  it("gives a machine that asks for what its scopes imply that alone", () => {
    const options = { withImpliedScopes: (scopes: readonly string[]) => [...scopes, "weather:read"] };
    const carried = carriedScopes(options, ["weather:write"]);
    expect(machineScopes({ scopes: carried }, [], ["weather:read"])).toEqual(["weather:read"]);
    expect(carriedScopes({}, ["weather:write"])).toEqual(["weather:write"]);
  });

  it("counts a scope as withheld when it was approved and not granted, offline_access excepted", () => {
    expect(withheldScopes(["a", "b", "offline_access"], ["b"])).toEqual(["a"]);
    expect(withheldScopes(["a", "b"], ["a", "b", "c"])).toEqual([]);
  });
});
