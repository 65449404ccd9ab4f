import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DevAuth0, type RecordedRequest, startDevAuth0 } from "./index.ts";
import { logIn, refresh } from "./testing/browser.ts";

let auth0: DevAuth0;
const answered: RecordedRequest[] = [];

beforeAll(async () => {
  auth0 = await startDevAuth0({ onRequest: (request) => answered.push(request) });
});

beforeEach(() => {
  auth0.requests.length = 0;
  answered.length = 0;
});

afterAll(() => auth0.close());

describe("the recorded requests", () => {
  test("say what was asked, where, how, and what was answered", async () => {
    await fetch(`${auth0.issuer}userinfo?x=1`, { headers: { Authorization: "Bearer abc" } });
    const expected = { method: "GET", path: "/userinfo", params: { x: "1" }, authorization: "Bearer", status: 401 };
    expect(auth0.requests).toEqual([expected]);
    expect(answered).toEqual([expected]);
  });

  test("hold no secret, code or token of a login, a refresh and a revocation", async () => {
    const { body } = await logIn(auth0, "alice");
    const refreshed = await refresh(auth0, body.refresh_token);
    const parameters = { client_id: auth0.clientId, client_secret: auth0.clientSecret, token: body.refresh_token };
    await fetch(`${auth0.issuer}oauth/revoke`, { method: "POST", body: new URLSearchParams(parameters) });

    expect(auth0.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /authorize",
      "POST /u/login",
      "POST /oauth/token",
      "POST /oauth/token",
      "POST /oauth/revoke",
    ]);
    const exchange = auth0.requests[2]?.params;
    expect(exchange).toMatchObject({ grant_type: "authorization_code", code: "[masked]", code_verifier: "[masked]" });
    const log = JSON.stringify(auth0.requests);
    const secrets = [auth0.clientSecret, body.access_token, body.refresh_token, refreshed.body.refresh_token];
    for (const secret of secrets) {
      expect(log).not.toContain(secret);
    }
  });

  test("are the last 1,000", async () => {
    for (let sent = 0; sent < 1005; sent++) {
      await fetch(`${auth0.issuer}.well-known/jwks.json?n=${sent}`);
    }
    expect(auth0.requests).toHaveLength(1000);
    expect(auth0.requests.at(0)?.params).toEqual({ n: "5" });
  });
});
