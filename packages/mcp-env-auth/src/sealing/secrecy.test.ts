import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomId, sha256Base64url, timingSafeEqualStrings } from "../lib/secrets.ts";

const FOLDERS = ["./", "../lib/"] as const;

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => ({ name, text: readFileSync(new URL(folder + name, import.meta.url), "utf8") })),
);

describe("Security rule 14: secrets are compared in constant time, and randomness is at least 128 bits", () => {
  it("tells equal strings from different ones, whatever their length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(timingSafeEqualStrings(a, b)).toBe(a === b);
        expect(timingSafeEqualStrings(a, a)).toBe(true);
        expect(timingSafeEqualStrings(a, `${a} `)).toBe(false);
      }),
    );
  });

  it("leaves every comparison of secrets here to timingSafeEqual", () => {
    const comparing = sources.filter(({ text }) => text.includes("timingSafeEqual(")).map(({ name }) => name);

    expect(comparing.sort()).toEqual(["keyring.ts", "secrets.ts"]);
    for (const { name, text } of sources) {
      expect(text, name).not.toMatch(/(secret|mac|digest|hash|expected)\)? (===|!==) |\.equals\(/i);
    }
  });

  it("draws 128 bits or more for an id, and never from Math.random", () => {
    const ids = Array.from({ length: 1000 }, randomId);

    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) {
      expect(Buffer.from(id, "base64url").length).toBeGreaterThanOrEqual(16);
      expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    }
    for (const { name, text } of sources) {
      expect(text, name).not.toContain("Math.random");
    }
  });

  it("sets every bit of an id now and then", () => {
    const seen = Array.from({ length: 200 }, () => Buffer.from(randomId(), "base64url"));

    for (let bit = 0; bit < 128; bit++) {
      const ones = seen.filter((id) => (id[bit >> 3] ?? 0) & (1 << (bit & 7))).length;
      expect(ones, `bit ${bit}`).toBeGreaterThan(40);
      expect(ones, `bit ${bit}`).toBeLessThan(160);
    }
  });
});

describe("sha256Base64url", () => {
  it("is the S256 transformation of RFC 7636 appendix B", () => {
    expect(sha256Base64url("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });
});
