import { CompactSign, exportSPKI, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createIdTokenSignatureCheck } from "./id-token-signature.ts";
import { createSigner } from "./testing/signer.ts";
import { UpstreamError } from "./upstream-client.ts";

const SECRET = "the client secret, which is long enough";

const signer = await createSigner("key-1", "RS256");
const keys = {
  kind: "public",
  find: async ({ alg, kid }: { alg: string; kid: string | undefined }) =>
    alg === "RS256" && (kid === undefined || kid === "key-1") ? [signer.publicKey] : [],
} as const;

const check = (algorithms: readonly string[], clientSecret?: string) =>
  createIdTokenSignatureCheck({ algorithms, keys, clientSecret, clientSecretVariable: "CLIENT_SECRET" });

const hmac = (secret: string) =>
  new SignJWT({ sub: "alice" }).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));

describe("the signature of an id token", () => {
  it("is good with a published key, with its kid or without", async () => {
    for (const header of [{}, { kid: undefined }]) {
      await expect(check(["RS256"])(await signer.sign({ sub: "alice" }, header))).resolves.toEqual({
        alg: "RS256",
        claims: expect.objectContaining({ sub: "alice" }),
      });
    }
    await expect(check([])(await signer.sign({ sub: "alice" }))).resolves.toMatchObject({ claims: { sub: "alice" } });
  });

  it("is good with the client secret where the provider lists HS256, as for older Auth0 applications", async () => {
    await expect(check(["HS256", "RS256"], SECRET)(await hmac(SECRET))).resolves.toEqual({
      alg: "HS256",
      claims: { sub: "alice" },
    });
  });

  it("is said to need the secret or RS256 when it is an HMAC of another secret, or there is none", async () => {
    for (const secret of ["another secret of the same length ....", undefined]) {
      const refusal = check(["HS256", "RS256"], secret)(await hmac(SECRET));
      await expect(refusal).rejects.toThrow(/not with CLIENT_SECRET: .* RS256/);
    }
  });

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each([
    ["no text", "!!!.e30.x"],
    ["no JWT", "nonsense"],
    ["an algorithm of another type", `${encoded({ alg: 5 })}.e30.x`],
    ["no algorithm", `${encoded({})}.e30.x`],
  ])("is not read where the header is %s", async (_what, idToken) => {
    await expect(check(["RS256"])(idToken)).rejects.toMatchObject({ fault: "malformed" });
  });

  it.each(["[1]", "1", "nonsense"])("is not enough where the claims are no object: %s", async (payload) => {
    const idToken = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET));
    await expect(check(["HS256"], SECRET)(idToken)).rejects.toMatchObject({ fault: "malformed" });
  });

  it("is not decided while its key is not published", async () => {
    const unpublished = await signer.sign({ sub: "alice" }, { kid: "2" });
    await expect(check(["RS256"])(unpublished)).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("is not decided while the keys can't be had", async () => {
    const outage = new UpstreamError("unavailable", "The keys can't be fetched.");
    const verify = createIdTokenSignatureCheck({
      algorithms: ["RS256"],
      keys: { kind: "public", find: () => Promise.reject(outage) },
      clientSecret: undefined,
      clientSecretVariable: "CLIENT_SECRET",
    });
    await expect(verify(await signer.sign({ sub: "alice" }))).rejects.toBe(outage);
  });

  it("Security rule 8: is refused with another key, tampered claims, none, or a key of another kind", async () => {
    const refused = { fault: "signature" };
    const other = await createSigner("key-1", "RS256");
    const good = await signer.sign({ sub: "alice" });
    const [header, , signature] = good.split(".");
    const forged = Buffer.from('{"sub":"eve"}').toString("base64url");
    await expect(check(["RS256"])(await other.sign({ sub: "alice" }))).rejects.toMatchObject(refused);
    await expect(check(["RS256"])(`${header}.${forged}.${signature}`)).rejects.toMatchObject(refused);
    await expect(check(["none"])(`eyJhbGciOiJub25lIn0.${forged}.`)).rejects.toMatchObject(refused);
    const pem = await exportSPKI(signer.publicKey);
    await expect(check(["RS256", "HS256"], SECRET)(await hmac(pem))).rejects.toMatchObject(refused);
    await expect(check(["RS256"], SECRET)(await hmac(SECRET))).rejects.toMatchObject(refused);
    await expect(check(["HS256"])(await hmac(SECRET))).rejects.toMatchObject(refused);
  });
});
