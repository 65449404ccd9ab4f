import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { GitHubProvider } from "./github.ts";
import { OIDCProxy } from "./oidc.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://weather.example.com/api";

interface Answer {
  readonly expires_in?: number | undefined;
  readonly refresh_expires_in?: number | undefined;
}

async function start(answer: Answer, variables: Record<string, string> = {}) {
  let advanced = 0;
  const clock = () => Date.now() / 1000 + advanced;
  const standIn = await startOidcStandIn({
    claims: (_grant, iss) => ({
      ...{ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" },
      exp: Math.floor(clock()) + 7200,
    }),
    idTokenClaims: () => ({ exp: Math.floor(clock()) + 7200, iat: Math.floor(clock()) }),
    answer: () => ({ expires_in: undefined, ...answer }),
  });
  const settings = { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...variables };
  const server = await protectServer(OIDCProxy, settings, { clock });
  const { client, tokens } = await server.logIn();
  return {
    ...{ server, client, tokens },
    advance(seconds: number) {
      advanced += seconds;
    },
  };
}

const about = (seconds: number) => expect.closeTo(seconds, -1);

describe("FALLBACK_ACCESS_TOKEN_EXPIRY_SECONDS", () => {
  it.each([
    ["counts where the provider does not say", {}, "900", 900],
    ["does not count where it does", { expires_in: 1200 }, "900", 1200],
    ["never makes tokens last longer than the server's limit", {}, "86400", 3600],
  ])("%s", async (_what, answer, value, expected) => {
    const { tokens } = await start(answer, { FALLBACK_ACCESS_TOKEN_EXPIRY_SECONDS: value });
    expect(tokens.expires_in).toEqual(about(expected));
  });
});

describe("FALLBACK_REFRESH_TOKEN_EXPIRY_SECONDS", () => {
  it("ends a refresh token where the provider does not say when it ends, and each refresh gives it its time anew", async () => {
    const { client, tokens, advance } = await start({}, { FALLBACK_REFRESH_TOKEN_EXPIRY_SECONDS: "3600" });
    advance(3500);
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect(status).toBe(200);
    advance(3500);
    const { status: later, body: next } = await client.refresh(body.refresh_token ?? "");
    expect(later).toBe(200);
    advance(3700);
    expect((await client.refresh(next.refresh_token ?? "")).body.error).toBe("invalid_grant");
  });

  it("does not count where the provider says", async () => {
    const { client, tokens, advance } = await start(
      { refresh_expires_in: 7200 },
      { FALLBACK_REFRESH_TOKEN_EXPIRY_SECONDS: "60" },
    );
    advance(3600);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe("TOKEN_EXPIRY_THRESHOLD_SECONDS", () => {
  it.each([
    ["ends tokens before the provider's", 600, "60", 540],
    ["by no more than half of their time", 600, "10000", 300],
    ["not at all by default", 600, "0", 600],
  ])("%s", async (_what, lifetime, value, expected) => {
    const { server, tokens, advance } = await start(
      { expires_in: lifetime },
      { TOKEN_EXPIRY_THRESHOLD_SECONDS: value },
    );
    expect(tokens.expires_in).toEqual(about(expected));
    advance(expected - 30);
    await expect(server.verify(tokens.access_token)).resolves.toBeDefined();
    advance(60);
    await expect(server.verify(tokens.access_token)).rejects.toThrow("expired");
  });
});

describe.each([OIDCProxy, GitHubProvider])("the settings of token lifetimes", ({ declaration, fromEnvironment }) => {
  it.each([
    ["FALLBACK_ACCESS_TOKEN_EXPIRY_SECONDS", "0"],
    ["FALLBACK_REFRESH_TOKEN_EXPIRY_SECONDS", "-1"],
    ["TOKEN_EXPIRY_THRESHOLD_SECONDS", "soon"],
  ])(`${declaration.title}: %s can't be %s`, (name, value) => {
    const variable = declaration.prefix + name;
    const { problems } = fromEnvironment(environmentOf({ [variable]: value }));
    expect(problems.find((problem) => problem.variable === variable)?.message).toMatch(/^must be a whole number/);
  });
});
