import { expect, it } from "vitest";
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
  const { verifier } = provider.authenticate(createTestContext());
  const token = await verifier.verify("token");
  expect(() => (token.scopes as string[]).push("admin")).toThrow(TypeError);
  expect(() => (token.claims.roles as string[]).push("admin")).toThrow(TypeError);
  expect(await verifier.verify("token")).toEqual({ token: "token", ...verified });
});
