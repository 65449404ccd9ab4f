import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey } from "./derive-key.ts";

const root = new Uint8Array(32).fill(7);
const hex = (key: Uint8Array) => Buffer.from(key).toString("hex");

describe("deriveKey", () => {
  it("gives different keys to different uses and contexts, however their parts are cut", () => {
    const use = fc.record({
      algorithm: fc.constantFrom("seal" as const, "mac" as const),
      name: fc.stringMatching(/^[ab]{0,2}$/),
      context: fc.array(fc.stringMatching(/^[ab]{0,2}$/), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(use, use, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(hex(deriveKey(root, one)) === hex(deriveKey(root, other))).toBe(same);
      }),
      { numRuns: 300 },
    );
  });

  it("takes a context of any length", () => {
    const derive = (issuer: string) => hex(deriveKey(root, { algorithm: "seal", name: "code", context: [issuer] }));

    expect(derive("i".repeat(5000))).not.toBe(derive("i".repeat(5001)));
  });
});
