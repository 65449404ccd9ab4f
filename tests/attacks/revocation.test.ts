import { describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();
const callStatus = async (token: string) => (await attacked.server.call(token)).status;
const providerRevocations = () => attacked.auth0.requests.filter(({ path }) => path === "/oauth/revoke").length;

describe("revocation", () => {
  it("of a refresh token ends its access tokens, its successors, and the session at the provider", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    const before = providerRevocations();
    const { body } = await client.refresh(refreshToken);
    expect((await client.revoke(body.refresh_token ?? "")).status).toBe(200);
    expect(await callStatus(accessToken)).toBe(401);
    expect(await callStatus(body.access_token ?? "")).toBe(401);
    expect((await client.refresh(body.refresh_token ?? "")).body.error).toBe("invalid_grant");
    expect(providerRevocations() - before).toBe(1);
  });

  it("of an access token ends it alone", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    expect((await client.revoke(accessToken)).status).toBe(200);
    expect(await callStatus(accessToken)).toBe(401);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it("of another client's tokens does nothing, and looks as if it did", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    const attacker = await attacked.client();
    const before = providerRevocations();
    for (const token of [accessToken, refreshToken]) {
      const { status, body } = await attacker.revoke(token);
      expect([status, body]).toEqual([200, {}]);
    }
    expect(await callStatus(accessToken)).toBe(200);
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect(providerRevocations()).toBe(before);
  });

  it.each(["unknown", "eyJhbGciOiJub25lIn0.e30.", "../../etc/passwd", "\u0000", "x".repeat(60_000)])(
    "of what is no token is 200: %.20j",
    async (token) => {
      const client = await attacked.client();
      expect((await client.revoke(token)).status).toBe(200);
    },
  );

  it("is not for clients that this server does not know", async () => {
    const { client, accessToken } = await attacked.login();
    client.id = "unknown";
    expect((await client.revoke(accessToken)).body.error).toBe("invalid_client");
    expect(await callStatus(accessToken)).toBe(200);
  });

  it("is not for confidential clients without their secret", async () => {
    const client = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
    const { access_token } = await client.logIn();
    client.secret = undefined;
    expect((await client.revoke(access_token)).status).toBe(401);
    expect(await callStatus(access_token)).toBe(200);
  });

  it("can't be outrun by a refresh that is under way", async () => {
    const { client, refreshToken } = await attacked.login();
    attacked.auth0.misbehave({ token: { delay: 100 } });
    const [refreshed, revoked] = await Promise.all([client.refresh(refreshToken), client.revoke(refreshToken)]);
    expect(revoked.status).toBe(200);
    attacked.auth0.misbehave({ token: undefined });
    if (refreshed.status === 200) {
      expect(await callStatus(refreshed.body.access_token ?? "")).toBe(401);
      expect((await client.refresh(refreshed.body.refresh_token ?? "")).body.error).toBe("invalid_grant");
    }
    expect((await client.refresh(refreshToken)).body.error).toBe("invalid_grant");
  });

  it("that the provider does not carry out is 503, and the session has ended here all the same", async () => {
    const { client, accessToken, refreshToken } = await attacked.login();
    attacked.auth0.misbehave({ revoke: { status: 500 } });
    expect((await client.revoke(refreshToken)).status).toBe(503);
    expect(await callStatus(accessToken)).toBe(401);
  });

  it("by GET is none", async () => {
    const { client, refreshToken } = await attacked.login();
    const query = new URLSearchParams({ token: refreshToken, client_id: client.id });
    expect((await fetch(`${attacked.origin}/revoke?${query}`)).status).toBe(405);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
