import { describe, expect, it } from "vitest";
import { formatBearerChallenge } from "./challenge.ts";

describe("a Bearer challenge", () => {
  it("names scope and metadata without an error when no credentials were sent (RFC 6750 section 3.1)", () => {
    expect(formatBearerChallenge({ scopes: ["a", "b"], resourceMetadata: "https://h/.well-known/x" })).toBe(
      'Bearer scope="a b", resource_metadata="https://h/.well-known/x"',
    );
  });

  it("is the bare scheme when there is nothing to say", () => {
    expect(formatBearerChallenge({ scopes: [] })).toBe("Bearer");
  });

  it.each([
    ['"quoted" \\ text', "'quoted' ' text"],
    ["line\r\nSet-Cookie: a=b", "line??Set-Cookie: a=b"],
    ["caf\u00e9 \u0000", "caf? ?"],
  ])("keeps %j inside its value", (description, written) => {
    expect(formatBearerChallenge({ error: "invalid_token", description })).toBe(
      `Bearer error="invalid_token", error_description="${written}"`,
    );
  });
});
