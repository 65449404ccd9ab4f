import { describe, expect, it } from "vitest";
import { type TokenRules, UpstreamTokenError } from "../../upstream/upstream-token.ts";
import { createTestContext } from "../testing/context.ts";
import { tokenVerifier } from "./token-verifier.ts";

it("gives requests with one token what none of them can change for the next", async () => {
  const verified = {
    subject: "alice",
    clientId: "client",
    expiresAt: Number.MAX_SAFE_INTEGER,
    scopes: ["weather:read"],
    claims: { roles: ["reader"] },
  };
  const provider = tokenVerifier({ requiredScopes: [], createVerifier: () => ({ verify: async () => verified }) });
  const { verifier } = await provider.authenticate(createTestContext());
  const token = await verifier.verify("token");
  expect(() => (token.scopes as string[]).push("admin")).toThrow(TypeError);
  expect(() => (token.claims.roles as string[]).push("admin")).toThrow(TypeError);
  expect(await verifier.verify("token")).toEqual({ token: "token", ...verified });
});

describe("a token that was found good", () => {
  /** A verifier that counts its checks, of tokens that end at 1000 s. */
  async function counting({ signed }: { signed: boolean }) {
    const time = { now: 0 };
    const checked: string[] = [];
    const rules = { issuer: "i", audience: "a", algorithms: ["RS256"], keys: {} } as unknown as TokenRules;
    const provider = tokenVerifier({
      requiredScopes: [],
      createVerifier: () => ({
        ...(signed && { rules }),
        verify: async (token) => {
          checked.push(token);
          if (token === "bad") {
            throw new UpstreamTokenError("signature", "Not the provider's.");
          }
          return { subject: token, clientId: "c", expiresAt: 1000, scopes: [], claims: {} };
        },
      }),
    });
    const { verifier } = await provider.authenticate(createTestContext({ clock: () => time.now }));
    return { verifier, checked, time };
  }

  it("by its signature is checked once a minute, and gives every request the same object", async () => {
    const { verifier, checked, time } = await counting({ signed: true });
    const first = await verifier.verify("alice");
    time.now = 59;
    expect(await verifier.verify("alice")).toBe(first);
    expect(checked).toEqual(["alice"]);
    time.now = 60;
    await verifier.verify("alice");
    expect(checked).toEqual(["alice", "alice"]);
  });

  it("is not taken for another, and not taken for good beyond its end", async () => {
    const { verifier, checked, time } = await counting({ signed: true });
    expect((await verifier.verify("alice")).subject).toBe("alice");
    expect((await verifier.verify("bob")).subject).toBe("bob");
    time.now = 999;
    await verifier.verify("alice");
    time.now = 1000;
    await verifier.verify("alice");
    expect(checked).toEqual(["alice", "bob", "alice", "alice"]);
  });

  it("by a look-up is looked up again, and a refusal is never kept", async () => {
    const lookedUp = await counting({ signed: false });
    await lookedUp.verifier.verify("alice");
    await lookedUp.verifier.verify("alice");
    expect(lookedUp.checked).toEqual(["alice", "alice"]);
    const { verifier, checked } = await counting({ signed: true });
    await expect(verifier.verify("bad")).rejects.toThrow();
    await expect(verifier.verify("bad")).rejects.toThrow();
    expect(checked).toEqual(["bad", "bad"]);
  });
});
