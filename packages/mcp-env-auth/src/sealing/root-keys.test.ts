import { hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { createRootKeys } from "./root-keys.ts";

const LONG = "a-client-secret-of-more-than-32-bytes-in-all";
const OLDER = "an-older-secret-of-more-than-32-bytes-in-all";

describe("createRootKeys", () => {
  it("gives the same keys for the same secret, so that replicas and restarts agree", async () => {
    expect(await createRootKeys({ secret: LONG })).toEqual(await createRootKeys({ secret: LONG }));
    expect(await createRootKeys({ secret: "short" })).toEqual(await createRootKeys({ secret: "short" }));
  });

  it("puts the current key first and the previous ones after it", async () => {
    const [current] = await createRootKeys({ secret: LONG });
    const [older] = await createRootKeys({ secret: OLDER });

    expect(await createRootKeys({ secret: LONG, previousSecrets: [OLDER] })).toEqual([current, older]);
  });

  it("counts a repeated secret once", async () => {
    const keys = await createRootKeys({ secret: LONG, previousSecrets: [OLDER, LONG, OLDER] });

    expect(keys).toEqual(await createRootKeys({ secret: LONG, previousSecrets: [OLDER] }));
  });

  it("makes keys of 256 bits, with a key id of 8 base64url characters", async () => {
    for (const { key, keyId } of await createRootKeys({ secret: LONG, previousSecrets: ["short"] })) {
      expect(key).toHaveLength(32);
      expect(keyId).toMatch(/^[A-Za-z0-9_-]{8}$/);
    }
  });

  it("shows nothing of the key or the secret in the key id", async () => {
    const [root] = await createRootKeys({ secret: LONG });

    expect(Buffer.from(root?.key ?? []).toString("base64url")).not.toContain(root?.keyId);
    expect(Buffer.from(LONG).toString("base64url")).not.toContain(root?.keyId);
  });

  it.each([
    ["31 bytes", "x".repeat(31), true],
    ["32 bytes", "x".repeat(32), false],
    ["16 characters of 2 bytes each", "é".repeat(16), false],
  ])("stretches a secret only below 32 bytes: %s", async (_name, secret, stretched) => {
    const straight = Buffer.from(hkdfSync("sha256", secret, "mcp-env-auth root key 1", "key", 32));

    const [root] = await createRootKeys({ secret });

    expect(Buffer.from(root?.key ?? []).equals(straight)).toBe(!stretched);
  });

  it("refuses an empty secret, current or previous", async () => {
    await expect(createRootKeys({ secret: "" })).rejects.toThrow(ConfigError);
    await expect(createRootKeys({ secret: LONG, previousSecrets: [""] })).rejects.toThrow(/JWT_SIGNING_KEY/);
  });
});
