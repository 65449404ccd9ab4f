import { describe, expect, it } from "vitest";
import { googleAt } from "./google.ts";
import { protectServer } from "./testing/protected-server.ts";
import { bearerOf, CLIENT_ID, CLIENT_SECRET, startStandIn } from "./testing/stand-in.ts";

const USER = {
  sub: "110248495921238986420",
  name: "Ada Lovelace",
  given_name: "Ada",
  picture: "https://lh3.googleusercontent.com/a",
  email: "ada@example.com",
  email_verified: true,
};

const EMAIL = "https://www.googleapis.com/auth/userinfo.email";

/** Google, whose tokeninfo spells numbers as strings and scopes as URLs. */
async function startGoogle({ scope = `openid ${EMAIL}`, audience = CLIENT_ID, exp = Date.now() / 1000 + 3599 } = {}) {
  const google = await startStandIn({
    authorizePath: "/o/oauth2/v2/auth",
    tokenPath: "/token",
    issue: ({ refreshes }) => ({
      access_token: `ya29.token-${refreshes}`,
      expires_in: 3599,
      ...(refreshes === 0 && { refresh_token: "1//refresh" }),
      scope,
      token_type: "Bearer",
      id_token: "not.looked.at",
    }),
    routes: () => ({
      "/tokeninfo": (request) =>
        bearerOf(request)?.startsWith("ya29.token")
          ? {
              json: {
                azp: audience,
                aud: audience,
                sub: USER.sub,
                scope,
                exp: String(Math.floor(exp)),
                expires_in: "3599",
                email: USER.email,
                email_verified: "true",
                access_type: "offline",
              },
            }
          : { status: 400, json: { error: "invalid_token", error_description: "Invalid Value" } },
      "/userinfo": () => ({ json: USER }),
      "/revoke": () => ({ json: {} }),
    }),
  });
  const { origin } = google;
  const provider = googleAt({
    authorization: `${origin}/o/oauth2/v2/auth`,
    token: `${origin}/token`,
    revocation: `${origin}/revoke`,
    tokenInfo: `${origin}/tokeninfo`,
    userinfo: `${origin}/userinfo`,
  });
  return { google, provider };
}

const variables = { CLIENT_ID, CLIENT_SECRET };

describe("a login at Google", () => {
  it("asks for openid and offline access, and gives the user's claims to tools", async () => {
    const { google, provider } = await startGoogle();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    expect(google.to("/o/oauth2/v2/auth")[0]?.query).toMatchObject({
      scope: "openid",
      access_type: "offline",
      prompt: "consent",
    });
    expect(await server.verify(tokens.access_token)).toMatchObject({
      token: "ya29.token-0",
      subject: USER.sub,
      scopes: ["openid"],
      claims: { ...USER, azp: CLIENT_ID },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    expect((await server.verify(body.access_token ?? "")).token).toBe("ya29.token-1");
    expect((await client.revoke(body.refresh_token ?? "")).status).toBe(200);
    // Google would end all of the user's sessions at the application.
    expect(google.to("/revoke")).toEqual([]);
  });

  it("takes short scopes for the URLs that Google answers with", async () => {
    const { provider } = await startGoogle();
    const server = await protectServer(provider, { ...variables, REQUIRED_SCOPES: `openid email ${EMAIL}` });
    expect((await server.logIn()).tokens.scope).toBe(`openid email ${EMAIL}`);
  });

  it("asks for openid where no scope would tell whose the token is, and requires it of nobody", async () => {
    const calendar = "https://www.googleapis.com/auth/calendar.readonly";
    const { google, provider } = await startGoogle({ scope: `${calendar} openid` });
    const server = await protectServer(provider, { ...variables, REQUIRED_SCOPES: calendar });
    const { tokens } = await server.logIn();
    expect(google.to("/o/oauth2/v2/auth")[0]?.query.scope).toBe(`${calendar} openid`);
    expect(tokens.scope).toBe(calendar);
    const other = await startGoogle({ scope: EMAIL });
    await (await protectServer(other.provider, { ...variables, REQUIRED_SCOPES: EMAIL })).logIn();
    expect(other.google.to("/o/oauth2/v2/auth")[0]?.query.scope).toBe(EMAIL);
  });

  it("refuses a login without a required scope", async () => {
    const { provider } = await startGoogle({ scope: "openid" });
    const server = await protectServer(provider, { ...variables, REQUIRED_SCOPES: "openid email" });
    await expect(server.logIn()).rejects.toThrow("required scopes: email");
  });

  it("lets extra parameters replace Google's own", async () => {
    const { google, provider } = await startGoogle();
    const server = await protectServer(provider, {
      ...variables,
      EXTRA_AUTHORIZE_PARAMS: "prompt=select_account&hd=x.example",
    });
    await server.logIn();
    expect(google.to("/o/oauth2/v2/auth")[0]?.query).toMatchObject({
      prompt: "select_account",
      hd: "x.example",
      access_type: "offline",
    });
  });

  it("sends no token in a URL", async () => {
    const { google, provider } = await startGoogle();
    const server = await protectServer(provider, variables);
    await server.logIn();
    expect(JSON.stringify(google.requests.map(({ query }) => query))).not.toContain("ya29");
  });
});

describe("Security: userinfo of another user than the token's", () => {
  it("logs nobody in", async () => {
    const { google, provider } = await startGoogle();
    google.override("/userinfo", () => ({ json: { ...USER, sub: "another" } }));
    await expect((await protectServer(provider, variables)).logIn()).rejects.toThrow("different users");
  });
});

describe("Security: a Google token of another application, or one that has ended", () => {
  it("logs nobody in", async () => {
    const other = await startGoogle({ audience: "another.apps.googleusercontent.com" });
    await expect((await protectServer(other.provider, variables)).logIn()).rejects.toThrow("another application");
    const ended = await startGoogle({ exp: 1 });
    await expect((await protectServer(ended.provider, variables)).logIn()).rejects.toThrow("expired");
  });
});
