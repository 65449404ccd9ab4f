import { beforeAll, describe, expect, it } from "vitest";
import { addressOf, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";
import { until } from "../support/in-process.ts";

const attacked = useAttackedServer({ env: { FASTMCP_SERVER_AUTH_AUTH0_VALID_SCOPES: "weather:write" } });
const tokenRequests = () => attacked.auth0.requests.filter(({ path }) => path === "/oauth/token").length;

// The server checks its own credentials there, soon after it has started.
beforeAll(() => until(() => tokenRequests() > 0));

const callStatus = async (token = "") => (await attacked.server.call(token)).status;

describe("an authorization code", () => {
  it("is good once, and its second use ends what the first one gave", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const { body } = await client.redeem(code);
    expect(await callStatus(body.access_token)).toBe(200);
    const again = await client.redeem(code);
    expect([again.status, again.body.error]).toEqual([400, "invalid_grant"]);
    expect(await callStatus(body.access_token)).toBe(401);
    expect((await client.refresh(body.refresh_token ?? "")).body.error).toBe("invalid_grant");
  });

  it("sent ten times at once gives one answer to all, asks the provider once, and is a replay after that", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const before = tokenRequests();
    // Long enough for all ten to come before the provider answers.
    attacked.auth0.misbehave({ token: { delay: 1000 } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.redeem(code)));
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${body.access_token} ${body.refresh_token}`)).size,
    ).toBe(1);
    expect(await callStatus(answers[0]?.body.access_token)).toBe(200);
    expect(tokenRequests() - before).toBe(1);
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
    expect(await callStatus(answers[0]?.body.access_token)).toBe(401);
  });

  it("is not used up by somebody who has no right to it", async () => {
    const [client, other] = [await attacked.client(), await attacked.client()];
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    await other.redeem(code);
    await client.redeem(code, { redirect_uri: "http://127.0.0.1:1/" });
    await client.redeem(code, { code_verifier: "w".repeat(43) });
    await client.redeem(code, { resource: "https://other.example/mcp" });
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("in another spelling is no code", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    for (const spelled of [`${code}=`, ` ${code}`, `${code}\n`, `${code}.`]) {
      expect((await client.redeem(spelled)).body.error).toBe("invalid_grant");
    }
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("is refused by another server with the same keys and provider", async () => {
    const other = await attacked.launch();
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const elsewhere = await fetch(`${addressOf(other).address}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        client_id: client.id,
        redirect_uri: client.redirectUri,
        code_verifier: client.pkce.verifier,
      }),
    });
    expect([elsewhere.status, ((await elsewhere.json()) as { error: string }).error]).toEqual([401, "invalid_client"]);
    await other.close();
  });
});

describe("a refresh token", () => {
  it("that comes again after the grace ends the whole session, here and at the provider", async () => {
    const { client, refreshToken } = await attacked.login();
    const { body } = await client.refresh(refreshToken);
    attacked.advance(60);
    attacked.auth0.requests.length = 0;
    expect((await client.refresh(refreshToken)).body.error).toBe("invalid_grant");
    expect(await callStatus(body.access_token)).toBe(401);
    expect((await client.refresh(body.refresh_token ?? "")).body.error).toBe("invalid_grant");
    expect(attacked.auth0.requests.map(({ path }) => path)).toContain("/oauth/revoke");
  });

  it("Security rule 21: that comes again within the grace, after its successor was redeemed, ends the whole session", async () => {
    const { client, refreshToken } = await attacked.login();
    const first = await client.refresh(refreshToken);
    expect(await callStatus(first.body.access_token)).toBe(200);
    expect((await client.refresh(refreshToken)).body).toEqual(first.body);
    const last = await client.refresh(first.body.refresh_token ?? "");
    attacked.auth0.requests.length = 0;
    const again = await client.refresh(refreshToken);
    expect([again.status, again.body.error]).toEqual([400, "invalid_grant"]);
    expect(await callStatus(last.body.access_token)).toBe(401);
    expect((await client.refresh(last.body.refresh_token ?? "")).body.error).toBe("invalid_grant");
    expect(attacked.auth0.requests.map(({ path }) => path)).toContain("/oauth/revoke");
  });

  it("sent ten times at once has one answer, from one call of the provider", async () => {
    const { client, refreshToken } = await attacked.login();
    const before = tokenRequests();
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(1);
    expect(tokenRequests() - before).toBe(1);
  });

  it("that is used twice within the grace gives the same answer, and no second session", async () => {
    const { client, refreshToken } = await attacked.login();
    const first = await client.refresh(refreshToken);
    attacked.advance(10);
    const second = await client.refresh(refreshToken);
    expect(second.body.refresh_token).toBe(first.body.refresh_token);
  });

  it("of another client is refused, and stays good for its own", async () => {
    const { client, refreshToken } = await attacked.login();
    const thief = await attacked.client();
    const stolen = await thief.refresh(refreshToken);
    expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_grant"]);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it("gives no scope more than the user approved", async () => {
    const { client, refreshToken } = await attacked.login("alice", "openid");
    for (const scope of ["openid weather:write", "weather:write admin"]) {
      expect((await client.refresh(refreshToken, { scope })).body.error).toBe("invalid_scope");
    }
    const unknown = await client.refresh(refreshToken, { scope: "admin offline_access" });
    expect(unknown.body.scope).toBe("openid");
    const { body } = await client.refresh(String(unknown.body.refresh_token));
    expect(body.scope?.split(" ")).not.toContain("weather:write");
  });

  it("does not come back wider after it was narrowed by a request in between", async () => {
    const { client, refreshToken } = await attacked.login("alice", "openid offline_access");
    const [narrow, full] = await Promise.all([
      client.refresh(refreshToken, { scope: "openid" }),
      client.refresh(refreshToken),
    ]);
    for (const { status, body } of [narrow, full]) {
      if (status === 200) {
        expect(body.scope?.split(" ")).not.toContain("weather:write");
      }
    }
  });

  it("ends with the session's life, however often it was renewed", async () => {
    const short = await attacked.launch({ env: { FASTMCP_SESSION_TTL: "7200" } });
    const session = await short.getSession();
    attacked.advance(5000);
    const renewed = await session.renewed(await session.refresh());
    attacked.advance(5000);
    expect((await renewed.refresh()).status).toBe(400);
    await short.close();
  });

  it("in another spelling is none", async () => {
    const { client, refreshToken } = await attacked.login();
    for (const spelled of [`${refreshToken}=`, `${refreshToken} `, refreshToken.toLowerCase()]) {
      expect((await client.refresh(spelled)).body.error).toBe("invalid_grant");
    }
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});

describe("one kind of token never passes for another", () => {
  it("at the token endpoint", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    for (const wrong of [accessToken, client.id, form, code]) {
      expect((await client.refresh(wrong)).body.error).toBe("invalid_grant");
    }
    for (const wrong of [accessToken, refreshToken, client.id, form]) {
      expect((await client.redeem(wrong)).body.error).toBe("invalid_grant");
    }
  });

  it("as a client id", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    for (const wrong of [accessToken, refreshToken]) {
      const { status, body } = await client.refresh(refreshToken, { client_id: wrong });
      expect([status, body.error]).toEqual([401, "invalid_client"]);
    }
  });

  it("as a cookie of a login", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const callback = await client.reachCallback(browser);
    const form = await client.openConsent(browser);
    const [name = ""] = [...browser.cookies.keys()].filter((key) => key.includes("login-"));
    browser.cookies.set(name, form);
    expect((await browser.get(callback)).status).toBe(403);
  });
});
