import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { randomId, sha256Base64url } from "../lib/secrets.ts";
import { createKeyring } from "./keyring.ts";
import { type PayloadField, packPayload, unpackPayload } from "./payload.ts";
import { createRootKeys } from "./root-keys.ts";

const NESTED_JWS = 4;

let accessToken: string;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  accessToken = await new SignJWT({
    iss: "https://acme-production.eu.auth0.com/",
    sub: "auth0|65f1c0ffee65f1c0ffee65f1",
    aud: ["https://mcp.example.com/mcp", "https://acme-production.eu.auth0.com/userinfo"],
    iat: 1_760_000_000,
    exp: 1_760_086_400,
    scope: "openid profile email offline_access",
    azp: "hQx1rVbTzYp0sKwLm4Nc8Jd2Fg6Ha9Ue",
    permissions: ["weather", "forecast", "station", "alert", "report"].flatMap((thing) =>
      ["read", "write", "delete", "admin"].map((action) => `${thing}:${action}`),
    ),
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: (await exportJWK(publicKey)).n?.slice(0, 21) ?? "" })
    .sign(privateKey);
});

describe("packPayload and unpackPayload", () => {
  it("give back any fields and any nested token, deflated or not", () => {
    const field: fc.Arbitrary<PayloadField> = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { noNullPrototype: true }),
    );
    const nested = fc.oneof(
      fc.constant(undefined),
      fc.constant(""),
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}$/),
      fc
        .tuple(fc.uint8Array(), fc.uint8Array(), fc.uint8Array())
        .map((parts) => parts.map((part) => Buffer.from(part).toString("base64url")).join(".")),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), nested, fc.boolean(), (fields, token, deflate) => {
        expect(unpackPayload(packPayload(fields, { nested: token, deflate }))).toEqual({ fields, nested: token });
      }),
      { numRuns: 300 },
    );
  });

  it("carry a JWS as raw bytes, a quarter shorter, and give it back byte for byte", () => {
    const packed = packPayload([], { nested: accessToken });

    expect(packed.length).toBeLessThan(accessToken.length * 0.77);
    expect(unpackPayload(packed)?.nested).toBe(accessToken);
  });

  it.each([
    ["opaque token", "v1.MjAyNi0xMC0wM1QxMjowMDowMFo"],
    ["JWE", "eyJhbGciOiJkaXIifQ..AAAA.BBBB.CCCC"],
    ["JWS with padding", "eyJh.eyJh.QQ=="],
    ["JWS with stray bits", "eyJh.eyJh.QR"],
    ["JWS in the other alphabet", "eyJh.ey+h.QQ"],
  ])("carry what is no canonical JWS as it is: %s", (_name, token) => {
    const packed = packPayload([], { nested: token });

    expect((packed[0] ?? 0) & NESTED_JWS).toBe(0);
    expect(unpackPayload(packed)).toEqual({ fields: [], nested: token });
  });

  it("deflate only where asked, and only where it helps", () => {
    const fields = ["scope scope scope scope scope scope scope scope"];
    const noise = randomBytes(64).toString("latin1");

    expect(packPayload(fields, { deflate: true }).length).toBeLessThan(packPayload(fields).length);
    expect(packPayload([noise], { deflate: true }).length).toBeLessThanOrEqual(packPayload([noise]).length);
    expect(Buffer.from(packPayload(fields)).toString("latin1")).toContain(fields[0]);
  });

  it("refuse a number that JSON would turn into null", () => {
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => packPayload([number])).toThrow(RangeError);
    }
  });
});

describe("unpackPayload", () => {
  it("inflates no more than its limit, whatever a few bytes would become", () => {
    const bomb = packPayload(["a".repeat(10_000_000)], { deflate: true });

    expect(bomb.length).toBeLessThan(12_000);
    expect(unpackPayload(bomb)).toBeUndefined();
    expect(unpackPayload(bomb, { maxBytes: 9_999_999 })).toBeUndefined();
    expect(unpackPayload(bomb, { maxBytes: 10_000_100 })?.fields).toHaveLength(1);
  });

  it("holds a payload that was never deflated to the same limit", () => {
    expect(unpackPayload(packPayload(["a".repeat(200)]), { maxBytes: 100 })).toBeUndefined();
  });

  it("gives undefined, and never throws, for what packPayload did not make", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.uint8Array({ maxLength: 40 }), (flags, rest) => {
        expect(unpackPayload(Uint8Array.of(flags, ...rest))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
    expect(unpackPayload(new Uint8Array())).toBeUndefined();
  });

  it("gives undefined for a payload that is cut off or carries more than it says", () => {
    for (const packed of [packPayload(["field", 1]), packPayload(["field", 1], { nested: "opaque" })]) {
      for (let length = 0; length < packed.length; length++) {
        expect(unpackPayload(packed.subarray(0, length))).toBeUndefined();
      }
      expect(unpackPayload(Uint8Array.of(...packed, 0))).toBeUndefined();
    }
  });

  it.each(['{"a":1}', '"text"', "null", "[1", "[\xff]"])("gives undefined for fields that are no list: %s", (json) => {
    const bytes = Buffer.from(json, "latin1");
    const body = Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes]);

    expect(unpackPayload(Buffer.concat([Buffer.of(0), body]))).toBeUndefined();
    expect(unpackPayload(Buffer.concat([Buffer.of(1), deflateRawSync(body)]))).toBeUndefined();
  });
});

describe("the size of an access token", () => {
  it("is no more than that of the Auth0 token inside it", async () => {
    const keyring = createKeyring(await createRootKeys({ secret: "x".repeat(32) }), ["https://mcp.example.com"]);
    const fields = [
      randomId(),
      randomId(),
      1_760_000_000,
      1_760_003_600,
      sha256Base64url("auth0|65f1c0ffee65f1c0ffee65f1"),
      sha256Base64url("a client id"),
      ["openid", "profile", "email", "weather:read"],
      "https://mcp.example.com/mcp",
    ];

    const token = await keyring.seal("access", packPayload(fields, { nested: accessToken, deflate: true }));

    expect(token.length).toBeLessThanOrEqual(accessToken.length);
  });
});
