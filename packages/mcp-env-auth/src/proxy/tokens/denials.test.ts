import { describe, expect, it } from "vitest";
import { DENIAL_OF_ALL, denialUntil } from "../../store/guard-entry.ts";
import { McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { lastClientHash } from "../testing/proxy-server.ts";
import { identityHash } from "./sealed-tokens.ts";

const fixture = useProxy();
const ALICE = identityHash("auth0|alice");

const deny = (kind: "deny-subject" | "deny-client", id: string, value: string) =>
  fixture.server.options.store.set(kind, id, value, 3600);
const verify = (token: string) => fixture.server.proxy.verifier.verify(token);

describe("a client that the operator has blocked", () => {
  it("gets no further than where its login is: neither the user's answer nor the provider's is taken", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const form = await client.openConsent(browser);
    await deny("deny-client", lastClientHash(fixture.server), DENIAL_OF_ALL);
    for (const response of [await client.answer(browser, form), await browser.get(callback)]) {
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      expect(await response.text()).toContain("no longer allowed");
    }
  });
});

describe("a session that a new configuration has shortened", () => {
  it("ends its access tokens too when it is revoked, although they would outlive it", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token, refresh_token } = await client.logIn();
    fixture.clock.advance(100);
    fixture.server.restart({ sessionTtl: 60 });
    expect((await client.revoke(refresh_token)).status).toBe(200);
    fixture.clock.advance(1);
    await expect(verify(access_token)).rejects.toThrow("revoked");
  });
});

describe("a user whom the operator has blocked", () => {
  it("is refused at the end of a login, rather than at every request after it", async () => {
    await deny("deny-subject", ALICE, DENIAL_OF_ALL);
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize();
    const { status, body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect([status, body.error, body.access_token]).toEqual([400, "invalid_grant", undefined]);
    expect(body.error_description).toContain("operator");
    await expect(client.logIn("bob")).resolves.toBeDefined();
  });
});

describe.each([
  ["user", "deny-subject"],
  ["client", "deny-client"],
] as const)("a %s whose sessions the operator has ended", (_whose, kind) => {
  it("has lost those for good, also those renewed since, and not those of later logins", async () => {
    const client = await McpClient.register(fixture.server);
    const first = await client.logIn();
    fixture.clock.advance(100);
    const renewed = (await client.refresh(first.refresh_token)).body;
    await verify(first.access_token);
    await deny(
      kind,
      kind === "deny-subject" ? ALICE : lastClientHash(fixture.server),
      denialUntil(fixture.clock.now()),
    );
    fixture.clock.advance(1);
    const later = await client.logIn();
    for (const _again of [1, 2]) {
      for (const { access_token = "", refresh_token = "" } of [first, renewed]) {
        await expect(verify(access_token)).rejects.toThrow("revoked");
        expect((await client.refresh(refresh_token)).body.error).toBe("invalid_grant");
      }
      await expect(verify(later.access_token)).resolves.toMatchObject({ subject: "auth0|alice" });
    }
    expect((await client.refresh(later.refresh_token)).status).toBe(200);
  });
});
