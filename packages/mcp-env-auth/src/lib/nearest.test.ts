import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const names = [
  "FASTMCP_PORT",
  "FASTMCP_HOST",
  "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
  "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET",
];

describe("the nearest name", () => {
  it.each([
    ["FASTMCP_SERVER_AUTH_AUTH0_CLIENTID", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID"],
    ["FASTMCP_SERVER_AUTH_AUTHO_CLIENT_ID", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID"],
    ["FASTMCP_SERVER_AUTH_AUTH0__CLIENT_SECRET", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET"],
    ["FASTMCP_PROT", "FASTMCP_PORT"],
    ["fastmcp_hots", "FASTMCP_HOST"],
    ["FASTMCP_WHATEVER", undefined],
    ["FASTMCP_SERVER_AUTH_AUTH0_DOMAIN", undefined],
    ["", undefined],
  ])("to %s is %s", (text, expected) => expect(nearest(text, names)).toBe(expected));

  it("counts a letter changed, added, dropped or swapped as one", () => {
    for (const text of ["abxd", "abcde", "abd", "abdc"]) {
      expect(nearest(text, ["abcd"])).toBe("abcd");
    }
    for (const text of ["axyd", "abcdef", "ab", "badc"]) {
      expect(nearest(text, ["abcd"])).toBeUndefined();
    }
  });

  it("is the closest, not the first", () => {
    expect(nearest("CLIENT_IDD", ["CLIENT_IDAB", "CLIENT_ID"])).toBe("CLIENT_ID");
  });
});
