import { describe, expect, it } from "vitest";
import { locationOf, postForm } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

describe("a parameter that is sent twice is an error, whichever of the two is good:", () => {
  it.each(["response_type", "code_challenge", "code_challenge_method", "state", "scope", "resource", "unknown"])(
    "%s at the authorization endpoint, told to the client",
    async (name) => {
      const client = await attacked.client();
      const url = client.authorizeUrl({ scope: "openid", unknown: "1" });
      url.searchParams.append(name, "https://evil.example");
      const parameters = locationOf(await fetch(url, { redirect: "manual" })).searchParams;
      expect([parameters.get("error"), parameters.has("code")]).toEqual(["invalid_request", false]);
      if (name === "state") {
        expect(parameters.has("state")).toBe(false);
      }
    },
  );

  it.each(["client_id", "redirect_uri"])("%s at the authorization endpoint, told to nobody", async (name) => {
    const client = await attacked.client();
    const url = client.authorizeUrl();
    for (const value of [url.searchParams.get(name) ?? "", "https://evil.example/"]) {
      const twice = new URL(url);
      twice.searchParams.append(name, value);
      const answer = await fetch(twice, { redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    }
  });

  it.each(["grant_type", "code", "redirect_uri", "client_id", "code_verifier", "scope"])(
    "%s at the token endpoint, and the code stays good",
    async (name) => {
      const client = await attacked.client();
      const code = (await client.authorize()).searchParams.get("code") ?? "";
      const form: [string, string][] = [
        ["grant_type", "authorization_code"],
        ["code", code],
        ["redirect_uri", client.redirectUri],
        ["client_id", client.id],
        ["code_verifier", client.pkce.verifier],
        ["resource", attacked.resource],
        ["scope", "openid"],
      ];
      const repeated = form.filter(([key]) => key === name);
      const answer = await postForm(`${attacked.origin}/token`, [...form, ...repeated]);
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
      expect((await client.redeem(code)).status).toBe(200);
    },
  );

  it("resource at the token endpoint, where the two differ, and the code stays good", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    for (const resources of [
      [attacked.resource, "https://evil.example/mcp"],
      ["https://evil.example/mcp", attacked.resource],
      [attacked.resource, ""],
    ]) {
      const form: [string, string][] = [
        ["grant_type", "authorization_code"],
        ["code", code],
        ["redirect_uri", client.redirectUri],
        ["client_id", client.id],
        ["code_verifier", client.pkce.verifier],
        ...resources.map((resource): [string, string] => ["resource", resource]),
      ];
      const answer = await postForm(`${attacked.origin}/token`, form);
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
    }
    expect((await client.redeem(code)).status).toBe(200);
  });

  it.each(["token", "client_id", "token_type_hint"])("%s at the revocation endpoint", async (name) => {
    const { client, accessToken } = await attacked.login();
    const form: [string, string][] = [
      ["token", accessToken],
      ["client_id", client.id],
      ["token_type_hint", "access_token"],
    ];
    const answer = await postForm(`${attacked.origin}/revoke`, [...form, ...form.filter(([key]) => key === name)]);
    expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });

  it.each(["request", "decision"])("%s at the consent endpoint", async (name) => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const form = new URLSearchParams({ request: await client.openConsent(browser), decision: "deny" });
    form.append(name, name === "decision" ? "allow" : (form.get("request") ?? ""));
    const cookie = [...browser.cookies].map(([key, value]) => `${key}=${value}`).join("; ");
    const answer = await fetch(`${attacked.origin}/consent`, {
      method: "POST",
      headers: { cookie },
      body: form,
      redirect: "manual",
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it.each(["code", "state", "error"])("%s at the callback", async (name) => {
    const browser = new TestBrowser();
    const callback = await (await attacked.client()).reachCallback(browser);
    if (name === "error") {
      callback.searchParams.append("error", "access_denied");
    }
    callback.searchParams.append(name, "other");
    const answer = await browser.get(callback);
    expect(answer.headers.get("location") ?? "").not.toContain("code=");
  });
});

describe("a parameter in two places counts in one", () => {
  it("the query of a POST to the token endpoint does not", async () => {
    const client = await attacked.client();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const query = new URLSearchParams({ code, client_id: client.id, grant_type: "authorization_code" });
    const answer = await postForm(`${attacked.origin}/token?${query}`, { code_verifier: client.pkce.verifier });
    expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
  });

  it("nor names that only a looser parser takes for the same", async () => {
    const client = await attacked.client();
    for (const name of ["code[]", "code[0]", "Code", " code", "code "]) {
      const answer = await client.token({
        grant_type: "authorization_code",
        [name]: "x",
        code_verifier: "v".repeat(43),
      });
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_request"]);
      expect(answer.body.error_description).toContain("code");
    }
  });

  it("nor the prototype of an object", async () => {
    const client = await attacked.client();
    for (const name of ["__proto__", "constructor", "hasOwnProperty", "toString"]) {
      const answer = await client.token({ grant_type: name, [name]: "x" });
      expect([answer.status, answer.body.error]).toEqual([400, "unsupported_grant_type"]);
    }
  });
});
