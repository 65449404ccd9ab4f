import { describe, expect, it } from "vitest";
import { readParameters } from "../protocol/parameters.ts";
import { withoutAddresses, withoutHint } from "./provider-response.ts";

const parametersOf = (error_description: string) =>
  readParameters({ method: "GET", query: new URLSearchParams({ error_description }) } as never);

describe("what a provider says of an error", () => {
  it.each([
    ["User <alice@example.com> is blocked", "User <(address)> is blocked"],
    ["alice%40example.com, bob@example.com", "(address), (address)"],
    ["a@b@c and @alice or alice@ 100%", "(address) and @alice or alice@ 100%"],
    ["a%40%40b", "(address)"],
  ])("has no addresses when nobody knows the login: %s", (said, expected) => {
    expect(withoutAddresses(parametersOf(said)).get("error_description")).toBe(expected);
  });

  it("has no part of the hint where it is cut", () => {
    const hint = `Alice ${"Smith ".repeat(60)}`.trim();
    const clean = withoutHint(parametersOf(`${hint} `.repeat(5)), hint.toUpperCase()).get("error_description");
    expect(clean).not.toMatch(/smith/i);
  });

  it("is searched for the hint no further than is shown, however long it is", () => {
    const hint = `${"a".repeat(500)}b`;
    const said = (length: number) => withoutHint(parametersOf("a".repeat(length)), hint).get("error_description");
    expect(said(15_800)).toBe(`${"a".repeat(499)}...`);
    expect(said(1_000_000)).toBe(said(15_800));
  });

  it.each(["a", "%4", "a.", "%", "é"])("is searched for addresses not much further than is shown: %s", (unit) => {
    const said = (length: number) => withoutAddresses(parametersOf(unit.repeat(length))).get("error_description");
    expect(said(20)).toBe(unit.repeat(20));
    expect(said(5_000_000)).toBe(unit.repeat(1000).slice(0, 1000));
  });

  it("has no half of an address where it is cut", () => {
    const before = "a ".repeat(490);
    const text = `${before}bob@example.org ${"alice".repeat(40)}@example.com`;
    expect(withoutAddresses(parametersOf(text)).get("error_description")).toBe(`${before}(address) (address)`);
  });
});
