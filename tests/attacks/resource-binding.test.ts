import { describe, expect, it } from "vitest";
import { locationOf } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, McpClient, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

async function statusAt(url: string, token: string): Promise<number> {
  const answer = await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${token}` }, body: "{}" });
  return answer.status;
}

describe("CVE-2025-69196 (GHSA-5h2m-4q8j-pqpj): a token is for one MCP endpoint, not for all behind one base URL", () => {
  it("another endpoint under the same BASE_URL, with the same keys, refuses it", async () => {
    const { accessToken } = await attacked.login();
    const sibling = await attacked.launch({
      baseUrl: attacked.origin,
      env: { FASTMCP_STREAMABLE_HTTP_PATH: "/other" },
    });
    expect(await statusAt(attacked.resource, accessToken)).not.toBe(401);
    expect(await statusAt(`${sibling.origin}/other`, accessToken)).toBe(401);
    await sibling.close();
  });

  it("a server elsewhere with the same provider and keys refuses it", async () => {
    const { accessToken } = await attacked.login();
    const elsewhere = await attacked.launch();
    expect(await statusAt(elsewhere.url, accessToken)).toBe(401);
    await elsewhere.close();
  });

  it("a server that goes by another provider class, tenant or epoch refuses it", async () => {
    const { accessToken } = await attacked.login();
    for (const env of [{ FASTMCP_TOKEN_EPOCH: "2" }, { FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: "k".repeat(40) }]) {
      const other = await attacked.launch({ baseUrl: attacked.origin, env });
      expect(await statusAt(other.url, accessToken)).toBe(401);
      await other.close();
    }
  });

  it("its refresh token and code are refused there as well", async () => {
    const sibling = await attacked.launch({
      baseUrl: attacked.origin,
      env: { FASTMCP_STREAMABLE_HTTP_PATH: "/other" },
    });
    const { client, refreshToken } = await attacked.login();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const there = new McpClient({ address: sibling.origin, options: { resource: `${attacked.origin}/other` } });
    there.id = client.id;
    for (const { status, body } of [
      await there.refresh(refreshToken),
      await there.redeem(code, { code_verifier: client.pkce.verifier, redirect_uri: client.redirectUri }),
    ]) {
      expect([status, body.error]).toEqual([400, "invalid_target"]);
    }
    await sibling.close();
  });
});

describe("a resource that is not ours is refused", () => {
  const wrong: [string, (resource: string) => string][] = [
    ["another server's", () => "https://other.example/mcp"],
    ["the origin alone", (resource) => new URL(resource).origin],
    ["with two slashes at the end", (resource) => `${resource}//`],
    ["with a longer path", (resource) => `${resource}/admin`],
    ["with a query", (resource) => `${resource}?a=1`],
    ["with a fragment", (resource) => `${resource}#a`],
    ["with a user", (resource) => resource.replace("://", "://user@")],
    ["with a path in another case", (resource) => resource.replace("/mcp", "/MCP")],
    ["by https", (resource) => resource.replace("http:", "https:")],
    ["that is no URI", () => "mcp"],
    ["two in one", (resource) => `${resource} https://other.example/mcp`],
  ];

  it.each(wrong)("at the authorization endpoint: %s", async (_name, change) => {
    const client = await attacked.client();
    const answer = await fetch(client.authorizeUrl({ resource: change(attacked.resource) }), { redirect: "manual" });
    expect(locationOf(answer).searchParams.get("error")).toBe("invalid_target");
  });

  it("at the token endpoint, for both grants, without using anything up", async () => {
    const { client, refreshToken } = await attacked.login();
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    for (const [, change] of wrong) {
      const resource = change(attacked.resource);
      expect((await client.redeem(code, { resource })).body.error).toBe("invalid_target");
      expect((await client.refresh(refreshToken, { resource })).body.error).toBe("invalid_target");
    }
    expect((await client.redeem(code)).status).toBe(200);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it("and is not passed on to the provider", async () => {
    attacked.auth0.requests.length = 0;
    await attacked.login();
    for (const { params } of attacked.auth0.requests) {
      expect(params).not.toHaveProperty("resource");
    }
  });
});

describe("the provider's tokens stay between us and the provider", () => {
  it("no answer to a client has one in it", async () => {
    const client = await attacked.client();
    const redirect = await client.authorize();
    const { body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    const all = `${redirect.href}${JSON.stringify(body)}`;
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "refresh_token", "scope", "token_type"]);
    expect(all).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\./);
  });

  it("and a client's token never goes to the provider", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    attacked.auth0.requests.length = 0;
    await attacked.server.call(accessToken);
    await client.refresh(refreshToken);
    await client.revoke(refreshToken);
    const sent = JSON.stringify(attacked.auth0.requests);
    expect(sent).not.toContain(accessToken);
    expect(sent).not.toContain(refreshToken);
    expect(attacked.auth0.requests.every(({ authorization }) => authorization !== "Bearer")).toBe(true);
  });
});

describe("a registration at one server", () => {
  it("is none at another", async () => {
    const client = await attacked.client();
    const elsewhere = await attacked.launch();
    const there = new McpClient(addressOf(elsewhere));
    there.id = client.id;
    expect((await fetch(there.authorizeUrl(), { redirect: "manual" })).status).toBe(400);
    await elsewhere.close();
  });
});
