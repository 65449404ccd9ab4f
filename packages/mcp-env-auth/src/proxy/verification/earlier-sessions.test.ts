import { describe, expect, it } from "vitest";
import { createIntrospectionVerifier } from "../../upstream/introspection-verifier.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import { createUserinfoVerifier } from "../../upstream/userinfo-verifier.ts";
import { McpClient } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { type AccessGrant, identityHash, openToken, sealToken } from "../tokens/sealed-tokens.ts";
import { createSessionKeyring } from "../tokens/token-keys.ts";

const fixture = useProxy();
const MACHINE = "dev-auth0-machine";

function known(): Upstream {
  const upstream = fixture.server.options.upstream();
  if (upstream === undefined) {
    throw new Error("The provider is known.");
  }
  return upstream;
}

const keyring = () => createSessionKeyring(fixture.server.options, known());

/** An access token as an earlier release sealed it. */
function sealed(grant: Partial<AccessGrant> & Pick<AccessGrant, "subjectHash">): Promise<string> {
  const now = fixture.clock.now();
  return sealToken(keyring(), "access", {
    ...{ tokenId: "1", family: "1", loginTime: now, expiresAt: now + 60, clientHash: "1" },
    ...{ scopes: ["weather:read"], resource: fixture.server.options.resource, providerToken: "opaque" },
    ...grant,
  });
}

const verify = (token: string) => fixture.server.proxy.verifier.verify(token);

describe("Security rule 20: a session that was opened under the application's client id", () => {
  it("ends at its next use", async () => {
    const { clientId } = fixture.auth0;
    const providerToken = await fixture.auth0.issueAccessToken({ user: "alice", claims: { sub: undefined } });
    const token = await sealed({ subjectHash: identityHash(clientId), providerToken });
    await expect(verify(token)).rejects.toMatchObject({ status: 401, message: expect.stringContaining("nobody") });
  });

  it.each([
    ["the application's client id", (clientId: string) => clientId, "opened under a subject that is not its user's"],
    ["another user", () => "auth0|bob", "answered for another user"],
  ])("ends at its next refresh, with one line in the log: under %s", async (_who, nameOf, reason) => {
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn();
    const grant = (await openToken(keyring(), "refresh", refresh_token))?.contents;
    if (grant === undefined) {
      throw new Error("It is ours.");
    }
    const subjectHash = identityHash(nameOf(fixture.auth0.clientId));
    const earlier = await sealToken(keyring(), "refresh", { ...grant, subjectHash });
    const { status, body } = await client.refresh(earlier);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain(reason);
    const lines = fixture.server.log.filter(({ level }) => level === "error");
    expect(lines).toMatchObject([{ fields: { event: "subject-changed" }, message: expect.stringContaining(reason) }]);
  });
});

describe("Security rule 20: a session of an opaque token, whose claims were sealed in", () => {
  const options = { clientId: "app", clientSecret: "secret", credentials: "", clock: fixture.clock.now };
  const introspection = (more = {}) =>
    createIntrospectionVerifier({ ...options, ...more, endpoint: "https://idp.example.com/introspect" });
  const userinfo = createUserinfoVerifier({ ...options, endpoint: "https://idp.example.com/me" });
  const two = ["https://one.example", "https://two.example"];

  it.each<[string, UpstreamTokenVerifier, string, Record<string, unknown>, boolean]>([
    ["introspection, of its user", introspection(), "alice", { sub: "alice", client_id: "app" }, true],
    ["introspection, under the client id", introspection(), "app", { client_id: "app" }, false],
    ["introspection, under username", introspection(), "alice", { client_id: "app", username: "alice" }, false],
    ["introspection, of an unknown issuer", introspection({ issuer: two }), "alice", { sub: "alice" }, false],
    ["userinfo, of its user", userinfo, "42", { id: 42 }, true],
    ["userinfo, under the client id", userinfo, "app", { name: "Alice" }, false],
  ])("is judged by today's rules: %s", async (_what, tokens, subject, claims, isGood) => {
    const expiresAt = fixture.clock.now() + 60;
    const token = await sealed({
      subjectHash: identityHash(subject),
      verified: { subject, clientId: "app", expiresAt, scopes: ["weather:read"], claims },
    });
    const upstream = { ...known(), tokens, tokenKind: "opaque" as const };
    fixture.server.restart({ upstream: () => upstream });
    if (isGood) {
      await expect(verify(token)).resolves.toMatchObject({ subject });
    } else {
      await expect(verify(token)).rejects.toMatchObject({ code: "invalid_token" });
    }
  });
});

describe("a machine's session", () => {
  it("that was sealed under its sub as it came goes on under the machine's subject", async () => {
    const providerToken = await fixture.auth0.issueMachineToken({ clientId: MACHINE, claims: { sub: MACHINE } });
    const clientHash = identityHash(MACHINE);
    const token = await sealed({ subjectHash: identityHash(MACHINE), clientHash, providerToken });
    fixture.server.restart({ machines: { clients: [MACHINE], acceptUpstreamTokens: false } });
    await expect(verify(token)).resolves.toMatchObject({ subject: `${MACHINE}@clients`, clientId: MACHINE });
  });
});
