import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

async function errorOf(overrides: Record<string, string | undefined>): Promise<string | null> {
  const client = await attacked.client();
  const answer = await fetch(client.authorizeUrl(overrides), { redirect: "manual" });
  const location = new URL(answer.headers.get("location") ?? "");
  expect(location.searchParams.has("code")).toBe(false);
  return location.searchParams.get("error");
}

describe("Security rule 5: a login without PKCE by S256 does not begin:", () => {
  it.each<[string, Record<string, string | undefined>]>([
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }],
    ["a method without a challenge", { code_challenge: undefined }],
    ["an empty challenge", { code_challenge: "" }],
    ["plain", { code_challenge_method: "plain" }],
    ["plain by default", { code_challenge_method: undefined }],
    ["s256 in small letters", { code_challenge_method: "s256" }],
    ["S512", { code_challenge_method: "S512" }],
    ["a challenge that is too short", { code_challenge: "a".repeat(42) }],
    ["a challenge that is too long", { code_challenge: "a".repeat(44) }],
    ["a challenge in plain base64", { code_challenge: `${"a".repeat(41)}+/` }],
  ])("%s", async (_name, overrides) => {
    expect(await errorOf(overrides)).toBe("invalid_request");
  });

  it.each(["token", "id_token", "code token", "none", "CODE"])("response_type %s", async (response_type) => {
    expect(await errorOf({ response_type })).toBe("unsupported_response_type");
  });

  it.each(["fragment", "form_post", "web_message"])("response_mode %s", async (response_mode) => {
    expect(await errorOf({ response_mode })).toBe("invalid_request");
  });
});

describe("a code that was stolen is worth nothing", () => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

  it.each<[string, (verifier: string) => string | undefined, string]>([
    ["without a verifier", () => undefined, "invalid_request"],
    ["with an empty one", () => "", "invalid_request"],
    ["with another's", () => "b".repeat(43), "invalid_grant"],
    ["with the challenge for a verifier", sha256, "invalid_grant"],
    ["with a longer one", (verifier) => `${verifier}a`, "invalid_grant"],
    ["with one in another case", (verifier) => verifier.toUpperCase(), "invalid_grant"],
    ["with thousands of characters that no verifier has", () => "é".repeat(5000), "invalid_grant"],
  ])("%s", async (_name, change, error) => {
    const client = await attacked.client();
    const redirect = await client.authorize();
    const code = redirect.searchParams.get("code") ?? "";
    const stolen = await client.redeem(code, { code_verifier: change(client.pkce.verifier) });
    expect([stolen.status, stolen.body.error]).toEqual([400, error]);
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("to another client, although it may be its own verifier that is sent", async () => {
    const [victim, attacker] = [await attacked.client(), await attacked.client()];
    const code = (await victim.authorize()).searchParams.get("code") ?? "";
    const stolen = await attacker.redeem(code, { code_verifier: victim.pkce.verifier });
    expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_grant"]);
    expect((await victim.redeem(code)).status).toBe(200);
  });

  it("injected into the login of another user of the same client", async () => {
    const client = await attacked.client();
    const code = (await client.authorize(undefined, "bob")).searchParams.get("code") ?? "";
    const injected = await client.redeem(code, { code_verifier: "v".repeat(64) });
    expect([injected.status, injected.body.error]).toEqual([400, "invalid_grant"]);
  });

  it("after two minutes", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    attacked.advance(121);
    expect((await client.redeem(code)).body.error).toBe("invalid_grant");
  });

  it("and the provider's own code is none of ours", async () => {
    const client = await attacked.client();
    const callback = await client.reachCallback(new TestBrowser());
    const { status, body } = await client.redeem(callback.searchParams.get("code") ?? "");
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });
});

describe("PKCE and nonce toward the provider", () => {
  it("differ for each login, and never leave this server in plain", async () => {
    const client = await attacked.client();
    attacked.auth0.requests.length = 0;
    await client.authorize();
    await client.authorize();
    const asked = attacked.auth0.requests.filter(({ path }) => path === "/authorize").map(({ params }) => params);
    expect(asked).toHaveLength(2);
    for (const name of ["code_challenge", "nonce", "state"]) {
      expect(new Set(asked.map((params) => params[name])).size).toBe(2);
    }
    expect(asked[0]).toMatchObject({ code_challenge_method: "S256", response_type: "code" });
    expect(asked[0]?.code_challenge).not.toBe(client.pkce.challenge);
    expect(asked[0]).not.toHaveProperty("code_verifier");
  });
});
