import { describe, expect, it } from "vitest";
import { lifetimeIn, scopesIn } from "./provider-values.ts";

describe("scopes of a provider", () => {
  it.each([
    ["a b  a", ["a", "b"]],
    [" a\tb\n", ["a", "b"]],
    ["a,b", ["a", "b"]],
    ["a, b", ["a", "b"]],
    ["a ,b", ["a", "b"]],
    ["a , b,", ["a", "b"]],
    ["a,b, c", ["a", "b", "c"]],
    ["read:a,b write", ["read:a,b", "write"]],
    [
      ["a", 1, "", null, "b", "a"],
      ["a", "b"],
    ],
    ["", []],
    [null, []],
    [undefined, []],
    [{ a: true }, []],
    [7, []],
  ])("are read as it writes them: %j", (value, scopes) => {
    expect(scopesIn(value)).toEqual(scopes);
  });
});

describe("a lifetime of a provider", () => {
  it.each([
    [3600, 3600],
    ["3600", 3600],
    [0.5, 0.5],
    [0, undefined],
    ["0", undefined],
    [-1, undefined],
    ["soon", undefined],
    ["", undefined],
    [" ", undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [null, undefined],
    [undefined, undefined],
    [true, undefined],
    [["3600"], undefined],
  ])("is a positive number of seconds, or unknown: %j", (value, seconds) => {
    expect(lifetimeIn(value)).toBe(seconds);
  });
});
