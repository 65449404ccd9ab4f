import { describe, expect, it } from "vitest";
import { createTestClock } from "../proxy/testing/proxy-server.ts";
import { gitHubAt } from "./github.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient, type StandInRequest, startStandIn } from "./testing/stand-in.ts";

const CHECK = `/applications/${CLIENT_ID}/token`;

const USER = {
  login: "octocat",
  id: 583231,
  node_id: "MDQ6VXNlcjU4MzIzMQ==",
  avatar_url: "https://avatars.githubusercontent.com/u/583231",
  type: "User",
  name: "The Octocat",
  email: null,
};

function authorizationOf(scopes: readonly string[], clientId = CLIENT_ID) {
  return {
    id: 1,
    url: "https://api.github.com/authorizations/1",
    scopes,
    token: "",
    token_last_eight: "12345678",
    app: { url: "http://my-github-app.com", name: "my app", client_id: clientId },
    expires_at: null,
    user: { login: USER.login, id: USER.id },
  };
}

/** GitHub, as its documentation shows it: errors come with 200, and form encoding unless JSON is asked for. */
async function startGitHub({ scopes = ["user"] as readonly string[], refreshTokens = false } = {}) {
  const github = await startStandIn({
    authorizePath: "/login/oauth/authorize",
    tokenPath: "/login/oauth/access_token",
    issue: ({ refreshes }) => ({
      access_token: `gho_token-${refreshes}`,
      scope: scopes.join(","),
      token_type: "bearer",
      ...(refreshTokens && {
        expires_in: 28_800,
        refresh_token: `ghr_${refreshes}`,
        refresh_token_expires_in: 15_897_600,
      }),
    }),
    refusals: {
      client: { json: { error: "incorrect_client_credentials", error_description: "The client_id is incorrect." } },
      grant: {
        json: { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." },
      },
    },
    routes: () => ({
      [CHECK]: (request) => {
        if (!isOurClient(request)) {
          return { status: 401, json: { message: "Requires authentication" } };
        }
        if (request.method === "DELETE") {
          return { status: 204 };
        }
        return { json: authorizationOf(scopes) };
      },
      "/user": ({ headers }) =>
        headers.authorization?.startsWith("Bearer gho_token")
          ? { json: USER, headers: { "x-oauth-scopes": scopes.join(", ") } }
          : { status: 401, json: { message: "Bad credentials" } },
    }),
  });
  const provider = gitHubAt({ site: github.origin, api: github.origin });
  return { github, provider };
}

const variables = { CLIENT_ID, CLIENT_SECRET };

describe("a login at GitHub", () => {
  it("asks for the default scope user, with PKCE, and gives the user's claims to tools", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    const { tokens } = await server.logIn();
    expect(github.to("/login/oauth/authorize")[0]?.query).toMatchObject({
      client_id: CLIENT_ID,
      redirect_uri: `${server.address}/auth/callback`,
      scope: "user",
      code_challenge_method: "S256",
    });
    expect(github.to("/login/oauth/access_token").at(-1)?.headers.accept).toContain("application/json");
    expect(tokens.scope).toBe("user");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      token: "gho_token-0",
      subject: "583231",
      scopes: ["user"],
      claims: { sub: "583231", login: "octocat", name: "The Octocat", avatar_url: USER.avatar_url },
    });
  });

  it("looks the token up once per exchange, not per request", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    const { tokens } = await server.logIn();
    const before = github.requests.length;
    await server.verify(tokens.access_token);
    await server.verify(tokens.access_token);
    expect(github.requests.length).toBe(before);
    expect(github.to("/user")).toHaveLength(1);
  });

  it("counts the scopes that a granted one contains, since GitHub leaves those out", async () => {
    const { provider } = await startGitHub({ scopes: ["repo", "user"] });
    const server = await protectServer(provider, { ...variables, REQUIRED_SCOPES: "user,read:user,public_repo" });
    expect((await server.logIn()).tokens.scope).toBe("user read:user public_repo");
  });

  it("refuses a login whose token lacks a required scope", async () => {
    const { provider } = await startGitHub({ scopes: [] });
    const server = await protectServer(provider, variables);
    await expect(server.logIn()).rejects.toThrow("did not grant this user the required scopes: user");
  });

  it("points to no audience, which GitHub does not know, when GitHub refuses a login", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    github.override("/login/oauth/authorize", ({ query }) => {
      const location = new URL(query.redirect_uri ?? "");
      location.search = new URLSearchParams({ error: "redirect_uri_mismatch", state: query.state ?? "" }).toString();
      return { status: 302, headers: { location: location.href } };
    });
    await expect(server.logIn()).rejects.toThrow();
    const line = server.logger.lines.find(({ message }) => message.includes("redirect_uri_mismatch"));
    expect(line?.message).toContain(
      "Check FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID, and the application's allowed callback",
    );
  });

  it("tells the operator when the client secret is wrong, and the client nothing that starts a loop", async () => {
    const { provider } = await startGitHub();
    const server = await protectServer(provider, { ...variables, CLIENT_SECRET: "another secret" });
    await expect(server.logIn()).rejects.toThrow('"error":"server_error"');
    expect(
      server.logger.lines.some(({ message }) => message.includes("FASTMCP_SERVER_AUTH_GITHUB_CLIENT_SECRET")),
    ).toBe(true);
  });
});

describe("a token of GitHub's that does not expire", () => {
  it("is refreshed by looking it up again", async () => {
    const clock = createTestClock();
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables, { clock: clock.now });
    const { client, tokens } = await server.logIn();
    expect(tokens.expires_in).toBe(3600);
    clock.advance(3601);
    await expect(server.verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
    const { body } = await client.refresh(tokens.refresh_token);
    expect(await server.verify(body.access_token ?? "")).toMatchObject({ subject: "583231", scopes: ["user"] });
    expect(github.to("/login/oauth/access_token").every(({ form }) => form.grant_type === "authorization_code")).toBe(
      true,
    );
  });

  it("ends the session when the user withdraws the app's access", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    github.override(CHECK, () => ({ status: 404, json: { message: "Not Found" } }));
    expect(await client.refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it.each([
    [500, {}],
    [429, {}],
    [403, { "x-ratelimit-remaining": "0" }],
  ])("survives GitHub's outage or rate limit (%i)", async (status, headers) => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    github.override(CHECK, () => ({ status, headers }));
    expect(await client.refresh(tokens.refresh_token)).toMatchObject({ status: 503 });
    github.override(CHECK);
    expect(await client.refresh(tokens.refresh_token)).toMatchObject({ status: 200 });
  });

  it("is ended at GitHub when the client revokes its refresh token", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    expect((await client.revoke(tokens.refresh_token)).status).toBe(200);
    const revocation = github.requests.find(({ method }) => method === "DELETE");
    expect(revocation).toMatchObject({
      path: CHECK,
      body: '{"access_token":"gho_token-0"}',
    } satisfies Partial<StandInRequest>);
  });
});

describe("a GitHub App with tokens that expire", () => {
  it("refreshes with GitHub's refresh token", async () => {
    const { github, provider } = await startGitHub({ refreshTokens: true });
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    const { body } = await client.refresh(tokens.refresh_token);
    expect((await server.verify(body.access_token ?? "")).token).toBe("gho_token-1");
    expect(github.to("/login/oauth/access_token").at(-1)?.form).toMatchObject({ refresh_token: "ghr_0" });
  });
});

describe("Security: a GitHub token of another application", () => {
  it("does not log anyone in", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    github.override(CHECK, () => ({ json: authorizationOf(["user"], "another-app") }));
    await expect(server.logIn()).rejects.toThrow("issued to another application");
  });

  it("does not log anyone in whose user is another than the token's", async () => {
    const { github, provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    github.override("/user", () => ({ json: { ...USER, id: 1 } }));
    await expect(server.logIn()).rejects.toThrow("different users");
  });

  it("is no bearer token here", async () => {
    const { provider } = await startGitHub();
    const server = await protectServer(provider, variables);
    await expect(server.verify("gho_token-0")).rejects.toMatchObject({ code: "invalid_token" });
  });
});
