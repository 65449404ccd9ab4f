import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { logIn } from "./testing/browser.ts";

const now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({ clock: () => now });
});

afterAll(() => auth0.close());

describe("issueAccessToken", () => {
  test("gives what a login gives", async () => {
    const minted = decodeJwt(await auth0.issueAccessToken({ user: "alice" }));
    const { body } = await logIn(auth0, "alice", { scope: "openid weather:read weather:write" });
    expect(minted).toEqual({ ...decodeJwt(body.access_token), jti: expect.any(String) });
  });

  test("differs as it is told to", async () => {
    const token = await auth0.issueAccessToken({
      user: "bob",
      scope: ["a", "b"],
      permissions: ["c"],
      audience: "https://other.example.com",
      clientId: "someone",
      organization: "org_1",
      expiresIn: 5,
      claims: { extra: true, jti: undefined },
      header: { typ: "at+jwt" },
    });
    expect(decodeJwt(token)).toEqual({
      iss: auth0.issuer,
      sub: "auth0|bob",
      aud: "https://other.example.com",
      azp: "someone",
      scope: "a b",
      permissions: ["c"],
      org_id: "org_1",
      iat: now,
      exp: now + 5,
      extra: true,
    });
    expect(decodeProtectedHeader(token).typ).toBe("at+jwt");
  });

  test("is good while the tenant misbehaves", async () => {
    auth0.misbehave({ accessToken: "wrong-issuer" });
    expect(decodeJwt(await auth0.issueAccessToken()).iss).toBe(auth0.issuer);
    await auth0.restore();
  });

  test("rejects for a user that there is not", async () => {
    await expect(auth0.issueAccessToken({ user: "nobody" })).rejects.toThrow("There is no user nobody.");
  });
});

describe("issueMachineToken", () => {
  test("stands for the machine", async () => {
    expect(decodeJwt(await auth0.issueMachineToken({ scope: "weather:read" }))).toMatchObject({
      sub: "dev-auth0-machine@clients",
      azp: "dev-auth0-machine",
      aud: auth0.audience,
      gty: "client-credentials",
      scope: "weather:read",
    });
  });
});
