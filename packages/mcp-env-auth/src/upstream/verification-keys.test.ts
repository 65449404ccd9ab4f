import { exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { createJwtVerifier } from "./jwt-verifier.ts";
import { createSigner } from "./testing/signer.ts";
import { publicKey, sharedSecret } from "./verification-keys.ts";

const VARIABLE = "FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY";

describe("a public key in PEM form", () => {
  it.each([
    ["as it is", (pem: string) => pem],
    ["on one line, with \\n for line ends", (pem: string) => pem.replaceAll("\n", "\\n")],
  ])("verifies tokens, given %s", async (_title, spelled) => {
    const signer = await createSigner("one", "RS256");
    const verifier = createJwtVerifier({
      issuer: "https://issuer.example",
      audience: undefined,
      algorithms: ["RS256"],
      keys: publicKey(spelled(await exportSPKI(signer.publicKey)), VARIABLE),
      clock: () => 1_800_000_000,
    });
    const claims = { iss: "https://issuer.example", sub: "alice", exp: 1_800_000_060 };
    expect((await verifier.verify(await signer.sign(claims, { kid: "any" }))).subject).toBe("alice");
    const forger = await createSigner("one", "RS256");
    await expect(verifier.verify(await forger.sign(claims))).rejects.toMatchObject({ fault: "signature" });
  });

  it("is refused when it is none", () => {
    expect(() => publicKey("secret-thing", VARIABLE)).toThrow(ConfigError);
    expect(() => publicKey("secret-thing", VARIABLE)).toThrow(VARIABLE);
    expect(() => publicKey("secret-thing", VARIABLE)).not.toThrow("secret-thing");
  });

  it("is refused when it is the private key", async () => {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const pem = await exportPKCS8(privateKey);
    expect(() => publicKey(pem, VARIABLE)).toThrow("This is a private key");
  });
});

describe("Security rule 8: a shared secret", () => {
  it("can't be a public key: anyone could sign with it", async () => {
    const { publicKey: key } = await generateKeyPair("RS256", { extractable: true });
    const pem = await exportSPKI(key);
    expect(() => sharedSecret(pem, VARIABLE)).toThrow(ConfigError);
  });
});
