import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { logIn } from "./testing/browser.ts";

let now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({ clock: () => now });
});

afterAll(() => auth0.close());

function userinfo(token: string | undefined): Promise<Response> {
  return fetch(`${auth0.issuer}userinfo`, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
}

describe("/userinfo", () => {
  test.each([
    ["a JWT for an API", "https://weather.example.com/api"],
    ["an opaque token", undefined],
  ])("tells who %s belongs to, as far as the scopes go", async (_name, audience) => {
    const { body } = await logIn(auth0, "bob", { audience, scope: "openid email" });
    const response = await userinfo(body.access_token);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sub: "auth0|bob", email: "bob@example.com", email_verified: true });
  });

  test("answers 401 without a token, and names no error (RFC 6750 section 3)", async () => {
    const response = await userinfo(undefined);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="Users"');
  });

  test.each([
    ["without openid", () => auth0.issueAccessToken({ scope: "weather:read" })],
    ["of a machine", () => auth0.issueMachineToken()],
    ["that has ended", () => auth0.issueAccessToken({ expiresIn: -1 })],
    ["signed by another key", () => auth0.issueAccessToken({ key: "unpublished" })],
    ["without a signature", () => auth0.issueAccessToken({ algorithm: "none" })],
    ["signed with the public key as a secret", () => auth0.issueAccessToken({ algorithm: "HS256" })],
    ["from another issuer", () => auth0.issueAccessToken({ claims: { iss: "https://x/" } })],
    ["that is none", async () => "nonsense"],
  ])("answers 401 to a token %s", async (_name, issue) => {
    const response = await userinfo(await issue());
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("answers 401 to an opaque token that has ended", async () => {
    const { body } = await logIn(auth0, "bob", { audience: undefined });
    expect((await userinfo(body.access_token)).status).toBe(200);
    now += 86_400;
    expect((await userinfo(body.access_token)).status).toBe(401);
  });
});
