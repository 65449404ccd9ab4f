import { describe, expect, it } from "vitest";
import { locationOf } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer({ provider: { sendIssuer: true } });
const REDIRECT_URI = "http://127.0.0.1:33418/callback";

/** What a client is told by a redirect that it never follows. */
async function told(url: URL): Promise<URLSearchParams> {
  const answer = await fetch(url, { redirect: "manual" });
  return locationOf(answer).searchParams;
}

describe("iss stands on every answer to a client, byte for byte that of the metadata:", () => {
  it("a code", async () => {
    const metadata = await fetch(`${attacked.origin}/.well-known/oauth-authorization-server`);
    const { issuer } = (await metadata.json()) as { issuer: string };
    const redirect = await (await attacked.client()).authorize();
    expect(redirect.searchParams.getAll("iss")).toEqual([issuer]);
  });

  it.each<[string, Record<string, string | undefined>]>([
    ["a wrong response_type", { response_type: "token" }],
    ["no PKCE", { code_challenge: undefined }],
    ["a scope that is too long", { scope: "a".repeat(1100) }],
    ["another resource", { resource: "https://other.example/mcp" }],
  ])("an error: %s", async (_name, overrides) => {
    const client = await attacked.client();
    const parameters = await told(client.authorizeUrl(overrides));
    expect(parameters.getAll("iss")).toEqual([attacked.issuer]);
    expect(parameters.getAll("state")).toEqual(["the state"]);
    expect(parameters.has("code")).toBe(false);
  });

  it("an error of the provider's", async () => {
    attacked.auth0.misbehave({
      authorize: { error: "login_required", description: "iss=https://evil.example&code=1" },
    });
    const redirect = await (await attacked.client()).authorize();
    expect(redirect.searchParams.getAll("iss")).toEqual([attacked.issuer]);
    expect(redirect.searchParams.getAll("state")).toEqual(["the state"]);
    expect(redirect.searchParams.has("code")).toBe(false);
  });
});

describe("an answer of another provider, sent to our callback, is refused", () => {
  async function finishWith(change: (callback: URL) => void): Promise<Response> {
    const browser = new TestBrowser();
    const callback = await (await attacked.client()).reachCallback(browser);
    change(callback);
    return browser.get(callback);
  }

  it.each(["https://evil.example/", "", "HTTP://127.0.0.1/"])("when its iss is %j", async (iss) => {
    const answer = await finishWith((callback) => callback.searchParams.set("iss", iss));
    expect(answer.headers.get("location") ?? "").not.toContain("code=");
  });

  it("when its iss is ours but for the slash", async () => {
    const answer = await finishWith((callback) =>
      callback.searchParams.set("iss", attacked.auth0.issuer.replace(/\/$/, "")),
    );
    expect(answer.headers.get("location") ?? "").not.toContain("code=");
  });

  it("when it has two", async () => {
    const answer = await finishWith((callback) => callback.searchParams.append("iss", "https://evil.example/"));
    expect(answer.headers.get("location") ?? "").not.toContain("code=");
  });

  it("when its code is not for our login: nothing comes of it at the token endpoint", async () => {
    const browser = new TestBrowser();
    const [client, other] = [await attacked.client(), await attacked.client()];
    const mine = await client.reachCallback(browser);
    const theirs = await other.reachCallback(new TestBrowser(), "bob");
    mine.searchParams.set("code", theirs.searchParams.get("code") ?? "");
    const code = locationOf(await browser.get(mine)).searchParams.get("code") ?? "";
    const { status, body } = await client.redeem(code);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });

  it("when it has code and error, only one of which can be true", async () => {
    const answer = await finishWith((callback) => callback.searchParams.set("error", "access_denied"));
    expect(answer.headers.get("location") ?? "").not.toContain("code=");
  });
});

describe("an id token that is not of this login is refused:", () => {
  it.each(["wrong-nonce", "wrong-issuer", "wrong-audience", "expired"] as const)("%s", async (idToken) => {
    const client = await attacked.client();
    const code = (await client.authorize(undefined, "alice", { scope: "openid" })).searchParams.get("code") ?? "";
    attacked.auth0.misbehave({ idToken });
    const { status, body } = await client.redeem(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.access_token).toBeUndefined();
    expect(JSON.stringify(body)).not.toContain("eyJ");
  });
});

describe("the client's state", () => {
  it.each(["a b+c%20", "%26code=evil", "&code=evil", "#fragment", "é✓\u{1f600}", '"><script>', "a\tb", "=&=&"])(
    "%j comes back as it was sent, once, and is nothing else",
    async (state) => {
      const parameters = (await (await attacked.client()).authorize(undefined, "alice", { state })).searchParams;
      expect(parameters.getAll("state")).toEqual([state]);
      expect(parameters.getAll("code")).toHaveLength(1);
      expect([...parameters.keys()].sort()).toEqual(["code", "iss", "state"]);
    },
  );

  it("that is absent is not made up", async () => {
    const redirect = await (await attacked.client()).authorize(undefined, "alice", { state: undefined });
    expect(redirect.searchParams.has("state")).toBe(false);
    expect(redirect.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
  });
});
