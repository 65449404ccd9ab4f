import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { logIn, refresh } from "./testing/browser.ts";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0.close());

async function revoke(parameters: Record<string, string>): Promise<{ status: number; text: string }> {
  const credentials = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  const response = await fetch(`${auth0.issuer}oauth/revoke`, {
    method: "POST",
    body: new URLSearchParams({ ...credentials, ...parameters }),
  });
  return { status: response.status, text: await response.text() };
}

const OK = { status: 200, text: "" };

describe("/oauth/revoke", () => {
  test("ends a refresh token and all that came from the same login", async () => {
    const first = (await logIn(auth0, "alice")).body.refresh_token;
    const second = (await refresh(auth0, first)).body.refresh_token;
    expect(await revoke({ token: first, token_type_hint: "refresh_token" })).toEqual(OK);
    expect((await refresh(auth0, first)).status).toBe(403);
    expect((await refresh(auth0, second)).status).toBe(403);
  });

  test("says yes to an unknown token and to an access token, and changes nothing (RFC 7009 section 2.2)", async () => {
    const { body } = await logIn(auth0, "alice");
    expect(await revoke({ token: "unknown" })).toEqual(OK);
    expect(await revoke({ token: body.access_token, token_type_hint: "access_token" })).toEqual(OK);
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
  });

  test("leaves the tokens of other applications alone", async () => {
    const { body } = await logIn(auth0, "alice");
    const machine = { client_id: "dev-auth0-machine", client_secret: "dev-auth0-machine-secret" };
    expect(await revoke({ token: body.refresh_token, ...machine })).toEqual(OK);
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
  });

  test("answers bad credentials with invalid_client", async () => {
    const { status, text } = await revoke({ token: "any", client_secret: "wrong" });
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: "invalid_client" });
  });

  test("needs a token", async () => {
    const { status, text } = await revoke({});
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: "invalid_request" });
  });
});
