import { describe, expect, it } from "vitest";
import { pageIcon, siteDetails } from "./site.ts";

describe("how pages present a server", () => {
  it("takes the operator's sentence for a scope over the developer's", () => {
    const scopes = {
      descriptions: new Map([
        ["a", "Developer's a"],
        ["b", "Developer's b"],
      ]),
    };
    const { scopeDescriptions } = siteDetails(
      { scopeDescriptions: { b: "Operator's b" }, landingPage: true },
      { scopes },
    );
    expect(scopeDescriptions).toEqual({ a: "Developer's a", b: "Operator's b" });
  });

  it.each([
    ["https://example.com/icon.png", undefined],
    ["data:text/html,<script>", undefined],
    [`data:image/png;base64,${"A".repeat(100_000)}`, undefined],
    ["data:image/png;base64,AAAA", "data:image/png;base64,AAAA"],
  ])("shows no icon that it would have to load: %s", (src, expected) => {
    expect(pageIcon([{ src }])).toBe(expected);
  });
});
