import fc from "fast-check";
import { CompactEncrypt, compactDecrypt } from "jose";
import { describe, expect, it } from "vitest";
import { deriveKey } from "./derive-key.ts";
import { createKeyring, type SealPurpose } from "./keyring.ts";
import { createRootKeys } from "./root-keys.ts";

const PURPOSES: readonly SealPurpose[] = [
  "client",
  "consent",
  "login",
  "code",
  "access",
  "refresh",
  "answer",
  "exchange",
  "session",
  "reply",
];
const CONTEXT = ["https://mcp.example.com", "epoch 1", "Auth0Provider", "https://tenant.auth0.com/", "client"];
const SECRET = "the-current-secret-of-more-than-32-bytes";
const OLDER_SECRET = "the-previous-secret-of-more-than-32-bytes";

const roots = await createRootKeys({ secret: SECRET });
const olderRoots = await createRootKeys({ secret: OLDER_SECRET });
const rotatedRoots = await createRootKeys({ secret: SECRET, previousSecrets: [OLDER_SECRET] });
const keyring = createKeyring(roots, CONTEXT);
const payload = new TextEncoder().encode("what only we can read");

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("seal and open", () => {
  it("gives back what was sealed, and the key id it was sealed under", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.constantFrom(...PURPOSES), async (bytes, purpose) => {
        const opened = await keyring.open(purpose, await keyring.seal(purpose, bytes));
        expect(opened).toEqual({ payload: new Uint8Array(bytes), keyId: keyring.currentKeyId });
      }),
      { numRuns: 50 },
    );
  });

  it("makes a JWE with nothing in its header but alg, enc and kid", async () => {
    const [header] = (await keyring.seal("code", payload)).split(".");

    expect(JSON.parse(Buffer.from(header ?? "", "base64url").toString())).toEqual({
      alg: "dir",
      enc: "A256GCM",
      kid: keyring.currentKeyId,
    });
  });

  it("makes tokens that a library of JOSE opens, and opens what it makes", async () => {
    const key = deriveKey(roots[0]?.key ?? new Uint8Array(), { algorithm: "seal", name: "code", context: CONTEXT });
    const header = { alg: "dir", enc: "A256GCM", kid: keyring.currentKeyId };
    for (const size of [0, 1, 15, 16, 17, 4000]) {
      const bytes = new Uint8Array(size).fill(7);
      expect((await compactDecrypt(await keyring.seal("code", bytes), key)).plaintext).toEqual(bytes);
      const theirs = await new CompactEncrypt(bytes).setProtectedHeader(header).encrypt(key);
      expect((await keyring.open("code", theirs))?.payload).toEqual(bytes);
    }
  });

  it("never makes the same token twice", async () => {
    expect(await keyring.seal("code", payload)).not.toBe(await keyring.seal("code", payload));
  });

  it("refuses to seal what would be too long to open again", async () => {
    await expect(keyring.seal("client", new Uint8Array(50_000))).rejects.toThrow(RangeError);
  });

  it("needs a root key", () => {
    expect(() => createKeyring([], CONTEXT)).toThrow(RangeError);
  });
});

describe("isolation", () => {
  it("opens a token for its own purpose only", async () => {
    for (const sealedFor of PURPOSES) {
      const token = await keyring.seal(sealedFor, payload);
      for (const openedAs of PURPOSES) {
        expect((await keyring.open(openedAs, token)) !== undefined).toBe(sealedFor === openedAs);
      }
    }
  });

  it.each(CONTEXT.map((part, index) => [part, index] as const))(
    "does not open a token whose context differs in %s",
    async (_part, index) => {
      const other = createKeyring(roots, CONTEXT.with(index, "something else"));

      expect(await other.open("access", await keyring.seal("access", payload))).toBeUndefined();
    },
  );

  it("does not confuse contexts that read the same when joined", async () => {
    const one = createKeyring(roots, ["ab", "c"]);
    const other = createKeyring(roots, ["a", "bc"]);

    expect(await other.open("access", await one.seal("access", payload))).toBeUndefined();
    expect(other.mac("label", "data")).not.toEqual(one.mac("label", "data"));
  });

  it("does not open a token of another key, even under our key id", async () => {
    const stranger = createKeyring(olderRoots, CONTEXT);
    const token = await stranger.seal("access", payload);
    const [ourHeader] = (await keyring.seal("access", payload)).split(".");
    const [, ...rest] = token.split(".");

    expect(await keyring.open("access", token)).toBeUndefined();
    expect(await keyring.open("access", [ourHeader, ...rest].join("."))).toBeUndefined();
  });
});

describe("damaged and foreign tokens", () => {
  it("don't open, wherever one character was changed, added or removed", async () => {
    const token = await keyring.seal("access", payload);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(0, 1),
        fc.constantFrom("", "=", ".", " ", "\u0000", "é", ...BASE64URL),
        async (at, removed, inserted) => {
          const changed = token.slice(0, at) + inserted + token.slice(at + removed);
          fc.pre(changed !== token);
          expect(await keyring.open("access", changed)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("don't open in any other spelling of the same bytes", async () => {
    for (const size of [1, 2, 3]) {
      const parts = (await keyring.seal("access", new Uint8Array(size))).split(".");
      for (const index of [0, 2, 3, 4]) {
        const part = parts[index] ?? "";
        const last = BASE64URL.indexOf(part.at(-1) ?? "");
        for (const spelling of [`${part}=`, ...[1, 2, 3].map((bits) => part.slice(0, -1) + BASE64URL[last ^ bits])]) {
          expect(await keyring.open("access", parts.with(index, spelling).join("."))).toBeUndefined();
        }
      }
    }
  });

  it("don't open, and don't throw, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        expect(await keyring.open("access", text)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
    for (const text of ["", ".", "....", ".....", "a.b.c", `${"a".repeat(70_000)}....`]) {
      expect(await keyring.open("access", text)).toBeUndefined();
    }
    expect(await keyring.open("access", undefined as unknown as string)).toBeUndefined();
  });

  it("don't open when longer than 64 KiB, though their key is ours", async () => {
    const key = deriveKey(roots[0]?.key ?? new Uint8Array(), { algorithm: "seal", name: "access", context: CONTEXT });
    const header = { alg: "dir", enc: "A256GCM", kid: keyring.currentKeyId };
    const encrypt = (size: number) => new CompactEncrypt(new Uint8Array(size)).setProtectedHeader(header).encrypt(key);

    expect(await keyring.open("access", await encrypt(1_000))).toBeDefined();
    expect(await keyring.open("access", await encrypt(50_000))).toBeUndefined();
  });

  it("don't open with another header, though their key is ours", async () => {
    const key = deriveKey(roots[0]?.key ?? new Uint8Array(), { algorithm: "seal", name: "access", context: CONTEXT });
    const kid = keyring.currentKeyId;
    const headers = [
      { alg: "dir", enc: "A128CBC-HS256", kid },
      { alg: "A256GCMKW", enc: "A256GCM", kid },
      { alg: "A256KW", enc: "A256GCM", kid },
      { alg: "dir", enc: "A256GCM", kid: "AAAAAAAA" },
      { alg: "dir", enc: "A256GCM" },
      { alg: "dir", enc: "A256GCM", kid, typ: "JWT" },
      { enc: "A256GCM", alg: "dir", kid },
      { alg: "dir", enc: "A256GCM", kid, zip: "DEF" },
    ];
    for (const header of headers) {
      const token = await new CompactEncrypt(payload).setProtectedHeader(header).encrypt(key);
      expect(await keyring.open("access", token)).toBeUndefined();
    }
  });
});

describe("rotation", () => {
  const older = createKeyring(olderRoots, CONTEXT);
  const rotated = createKeyring(rotatedRoots, CONTEXT);

  it("opens with a previous key, and names it", async () => {
    const token = await older.seal("refresh", payload);

    expect(await rotated.open("refresh", token)).toEqual({ payload, keyId: older.currentKeyId });
  });

  it("seals with the current key only", async () => {
    const token = await rotated.seal("refresh", payload);

    expect(rotated.currentKeyId).toBe(keyring.currentKeyId);
    expect(await keyring.open("refresh", token)).toBeDefined();
    expect(await older.open("refresh", token)).toBeUndefined();
  });

  it("verifies a MAC made under a previous key", () => {
    expect(rotated.verifyMac("client secret", "id", older.mac("client secret", "id"))).toBe(true);
    expect(older.verifyMac("client secret", "id", rotated.mac("client secret", "id"))).toBe(false);
  });
});

describe("mac", () => {
  const rotated = createKeyring(rotatedRoots, CONTEXT);

  it("is HMAC-SHA256 under the current key, or the one that is named", () => {
    const older = createKeyring(olderRoots, CONTEXT);

    expect(rotated.mac("label", "data")).toHaveLength(32);
    expect(rotated.mac("label", "data")).toEqual(keyring.mac("label", "data"));
    expect(rotated.mac("label", "data", older.currentKeyId)).toEqual(older.mac("label", "data"));
  });

  it("differs by label and by data", () => {
    const macs = [keyring.mac("a", "b"), keyring.mac("a", "c"), keyring.mac("b", "b"), keyring.mac("ab", "")];

    expect(new Set(macs.map((mac) => Buffer.from(mac).toString("hex"))).size).toBe(4);
  });

  it("never shares a key with sealing, though label and purpose read the same", async () => {
    const macKey = deriveKey(roots[0]?.key ?? new Uint8Array(), { algorithm: "mac", name: "code", context: CONTEXT });
    const token = await new CompactEncrypt(payload)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: keyring.currentKeyId })
      .encrypt(macKey);

    expect(await keyring.open("code", token)).toBeUndefined();
  });

  it("throws for a key id that is not ours", () => {
    expect(() => keyring.mac("label", "data", "AAAAAAAA")).toThrow(RangeError);
  });

  it("is verified for its own label, data and full length only", () => {
    const mac = keyring.mac("label", "data");

    expect(keyring.verifyMac("label", "data", mac)).toBe(true);
    expect(keyring.verifyMac("label", "other", mac)).toBe(false);
    expect(keyring.verifyMac("other", "data", mac)).toBe(false);
    expect(keyring.verifyMac("label", "data", mac.subarray(0, 31))).toBe(false);
    expect(keyring.verifyMac("label", "data", new Uint8Array(0))).toBe(false);
    fc.assert(
      fc.property(fc.nat(31), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = Uint8Array.from(mac);
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        expect(keyring.verifyMac("label", "data", damaged)).toBe(false);
      }),
    );
  });
});
