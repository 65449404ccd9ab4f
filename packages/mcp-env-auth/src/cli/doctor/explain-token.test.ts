import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CallResult, callCli } from "../testing/call-cli.ts";
import { AUTH0, quickEnv } from "../testing/diagnosis.ts";
import type { TokenVerdict } from "./token-verdict.ts";

let auth0: DevAuth0;
beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterEach(() => auth0.restore());
afterAll(() => auth0.close());

const verifierEnv = (changes: Record<string, string> = {}) => ({
  FASTMCP_SERVER_AUTH: "JWT",
  FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
  FASTMCP_SERVER_AUTH_JWT_ISSUER: auth0.issuer,
  FASTMCP_SERVER_AUTH_JWT_AUDIENCE: auth0.audience,
  ...changes,
});

async function explain(token: string, env: Record<string, string>): Promise<CallResult & { verdict: TokenVerdict }> {
  const result = await callCli(["doctor", "--token", "--json"], { stdin: `${token}\n`, env });
  return { ...result, verdict: JSON.parse(result.stdout) as TokenVerdict };
}

const claim = ({ claims }: TokenVerdict, name: string) => claims.find((verdict) => verdict.claim === name);

describe("doctor --token", () => {
  it("accepts a good token, claim by claim", async () => {
    const token = await auth0.issueAccessToken({ user: "alice" });
    const { exitCode, verdict } = await explain(`Bearer ${token}`, verifierEnv());
    expect(exitCode).toBe(0);
    expect(verdict).toMatchObject({ kind: "jwt", accepted: true });
    expect(verdict.claims.map((each) => each.claim)).toEqual(["alg", "iss", "aud", "exp", "iat", "sub", "scope"]);
    expect(verdict.claims.every(({ status }) => status === "ok")).toBe(true);
    expect(claim(verdict, "sub")?.message).toContain("auth0|alice");
  });

  const now = Math.floor(Date.now() / 1000);

  it.each([
    ["has expired", { claims: { exp: now - 3600 } }, "exp", "expired"],
    ["never ends", { claims: { exp: undefined } }, "exp", "missing"],
    ["is of another issuer", { claims: { iss: "https://other.example/" } }, "iss", "must be exactly"],
    ["is for another API", { claims: { aud: "https://other.example/api" } }, "aud", "must hold"],
    ["is not valid yet", { claims: { nbf: now + 3600 } }, "nbf", "not valid yet"],
    ["was issued in the future", { claims: { iat: now + 3600 } }, "iat", "clocks"],
    ["names only its application", { claims: { sub: undefined, azp: "app" } }, "sub", "client scope"],
    ["has a sub that is a list", { claims: { sub: ["alice"] } }, "sub", "not a text"],
    ["stands for nobody", { claims: { sub: undefined, azp: undefined } }, "sub", "nobody"],
    ["is signed with a shared secret", { algorithm: "HS256" }, "alg", "RS256"],
    ["is not signed", { algorithm: "none" }, "alg", "RS256"],
  ] as const)("refuses a token that %s, and says by which claim", async (_what, options, name, words) => {
    const token = await auth0.issueAccessToken(options);
    const { exitCode, verdict } = await explain(token, verifierEnv());
    expect(exitCode).toBe(1);
    expect(verdict.accepted).toBe(false);
    expect(verdict.claims.filter(({ status }) => status === "failure").map((each) => each.claim)).toEqual([name]);
    expect(claim(verdict, name)?.message).toContain(words);
  });

  it("refuses a signature that is not the issuer's, though every claim is good", async () => {
    const token = await auth0.issueAccessToken({ key: "unpublished" });
    const { verdict } = await explain(token, verifierEnv());
    expect(verdict.claims.every(({ status }) => status !== "failure")).toBe(true);
    expect(verdict).toMatchObject({ accepted: false });
    expect(verdict.reason).toContain("key");
  });

  it("says which required scopes are missing, in the terms of the provider that there is", async () => {
    const token = await auth0.issueAccessToken({ user: "bob" });
    const { verdict } = await explain(token, verifierEnv({ FASTMCP_SERVER_AUTH_JWT_REQUIRED_SCOPES: "weather:write" }));
    expect(claim(verdict, "scope")).toMatchObject({ status: "failure" });
    expect(claim(verdict, "scope")?.message).toContain("weather:write");
    expect(verdict.reason).toContain("weather:write");
    expect(claim(verdict, "scope")?.message).toContain("Allow it at the provider");
    const atAuth0 = await explain(token, {
      FASTMCP_SERVER_AUTH: "AUTH0MCP",
      FASTMCP_SERVER_AUTH_AUTH0MCP_CONFIG_URL: auth0.configUrl,
      FASTMCP_SERVER_AUTH_AUTH0MCP_AUDIENCE: auth0.audience,
      FASTMCP_SERVER_AUTH_AUTH0MCP_BASE_URL: "http://127.0.0.1:8000",
      FASTMCP_SERVER_AUTH_AUTH0MCP_REQUIRED_SCOPES: "weather:write",
    });
    expect(claim(atAuth0.verdict, "scope")?.message).toContain("permissions of the API");
    const permitted = await auth0.issueAccessToken({ user: "alice", scope: "openid" });
    const asked = await explain(permitted, verifierEnv({ FASTMCP_SERVER_AUTH_JWT_REQUIRED_SCOPES: "weather:write" }));
    expect(claim(asked.verdict, "scope")?.message).toContain("the client has to ask for the scope");
  });

  it("says which roles it gives, where the configuration says which claim lists them", async () => {
    const token = await auth0.issueAccessToken({ claims: { "https://example.com/roles": ["editor", "author"] } });
    const roles = verifierEnv({ FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: "https://example.com/roles" });
    expect(claim((await explain(token, roles)).verdict, "roles")).toEqual({
      claim: "roles",
      status: "info",
      message: "editor, author, by the claim https://example.com/roles.",
    });
    const none = verifierEnv({ FASTMCP_SERVER_AUTH_JWT_ROLES_CLAIM: "roles" });
    expect(claim((await explain(token, none)).verdict, "roles")?.message).toBe("none, by the claim roles.");
    expect(claim((await explain(token, verifierEnv())).verdict, "roles")).toBeUndefined();
  });

  it("says of a token that is bound to a key what a call needs, and refuses one bound by what can't be checked", async () => {
    const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    const bound = await explain(`DPoP ${await auth0.issueAccessToken({ claims: { cnf: { jkt } } })}`, verifierEnv());
    expect([bound.exitCode, claim(bound.verdict, "cnf")]).toMatchObject([0, { status: "info" }]);
    expect(claim(bound.verdict, "cnf")?.message).toContain(`${jkt}: the token is bound to this key`);
    const cnf = { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" };
    const { exitCode, verdict } = await explain(await auth0.issueAccessToken({ claims: { cnf } }), verifierEnv());
    expect([exitCode, verdict.accepted, claim(verdict, "cnf")?.status]).toEqual([1, false, "failure"]);
    expect(verdict.reason).toContain("can't check");
  });

  it("points out a trailing slash", async () => {
    const token = await auth0.issueAccessToken();
    const issuer = auth0.issuer.replace(/\/$/, "");
    const { verdict } = await explain(token, verifierEnv({ FASTMCP_SERVER_AUTH_JWT_ISSUER: issuer }));
    expect(claim(verdict, "iss")?.message).toContain("trailing slash");
  });

  it("tells an opaque token from a JWT", async () => {
    const { verdict } = await explain("an-opaque-token-of-the-provider", verifierEnv());
    expect(verdict).toMatchObject({ kind: "opaque", accepted: false, claims: [] });
    expect(verdict.reason).toContain("opaque");
  });

  it("explains the provider's own token to a server that issues others, and refuses it", async () => {
    const token = await auth0.issueAccessToken();
    const { exitCode, verdict } = await explain(token, quickEnv(auth0));
    expect(exitCode).toBe(1);
    expect(verdict.accepted).toBe(false);
    expect(verdict.reason).toContain("At the login it would be accepted");
    expect(claim(verdict, "aud")).toMatchObject({ status: "ok" });
  });

  it("tells the provider's encrypted token, which comes without an audience, from one of this server's", async () => {
    const header = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", iss: auth0.issuer })).toString("base64url");
    const { exitCode, verdict } = await explain(
      `${header}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`,
      quickEnv(auth0),
    );
    expect(exitCode).toBe(1);
    expect(verdict).toMatchObject({ kind: "encrypted", accepted: false });
    expect(verdict.reason).toContain(`${AUTH0}AUDIENCE`);
  });

  it("refuses a token that another key sealed, and says what may have changed", async () => {
    const foreign = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString("base64url")}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`;
    const { exitCode, verdict } = await explain(foreign, quickEnv(auth0));
    expect(exitCode).toBe(1);
    expect(verdict).toMatchObject({ kind: "sealed", accepted: false });
    expect(verdict.reason).toContain("keys have changed");
  });
});

describe("a token on standard input", () => {
  it("is never printed, whatever becomes of it", async () => {
    const [good, bad] = [await auth0.issueAccessToken(), await auth0.issueAccessToken({ expiresIn: -3600 })];
    for (const token of [good, bad, "an-opaque-token-of-the-provider", "two words-of-a-token"]) {
      for (const args of [
        ["doctor", "--token"],
        ["doctor", "--token", "--json"],
      ]) {
        for (const env of [verifierEnv(), quickEnv(auth0)]) {
          const { stdout, stderr } = await callCli(args, { stdin: token, env });
          for (const part of token.split(/[.\s]/)) {
            expect(stdout + stderr).not.toContain(part);
          }
        }
      }
    }
  });

  it("must be there, and one", async () => {
    for (const stdin of ["", "  \n", "one two", "x".repeat(70_000)]) {
      const { exitCode } = await callCli(["doctor", "--token"], { stdin, env: verifierEnv() });
      expect(exitCode).toBe(2);
    }
  });

  it("can't be judged while the provider is out, and that is said soon", async () => {
    const env = { ...quickEnv(auth0), [`${AUTH0}CLIENT_ID`]: "x" };
    await auth0.goOffline();
    const { exitCode, stderr } = await callCli(["doctor", "--token"], { stdin: "a.b.c.d.e", env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("can't be reached");
  });

  it("accepts a machine's own token where the server does, and no user's", async () => {
    const machines = {
      FASTMCP_SERVER_AUTH_AUTH0_MACHINE_CLIENTS: "dev-auth0-machine",
      FASTMCP_SERVER_AUTH_AUTH0_ACCEPT_UPSTREAM_TOKENS: "true",
    };
    const env = { ...auth0.env("http://127.0.0.1:8000"), ...machines };
    const { verdict } = await explain(await auth0.issueMachineToken(), env);
    expect(verdict).toMatchObject({ accepted: true, reason: expect.stringContaining("of a machine") });
    expect((await explain(await auth0.issueAccessToken({ user: "alice" }), env)).verdict.accepted).toBe(false);
  });
});
