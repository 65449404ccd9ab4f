import { describe, expect, it } from "vitest";
import { Auth0Provider } from "./auth0.ts";
import { forged, halfHash, startLoginServer as start, withoutSub } from "./testing/login-server.ts";
import type { OidcStandInOptions } from "./testing/oidc-stand-in.ts";
import { CLIENT_ID } from "./testing/stand-in.ts";

describe("Security rule 20: a login whose access token names nobody", () => {
  it("is its id token's user's, also after a restart and a refresh", async () => {
    const { server, restart } = await start({ idTokenClaims: () => ({ sub: "alice" }) });
    const { client, tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
    const again = await restart();
    expect((await again.verify(tokens.access_token)).subject).toBe("alice");
    const refreshed = await client.refresh(tokens.refresh_token);
    expect(refreshed.status).toBe(200);
    expect((await again.verify(refreshed.body.access_token ?? "")).subject).toBe("alice");
  });

  it.each([
    ["absent", {}],
    ["null", { sub: null }],
    ["empty", { sub: "" }],
    ["a list", { sub: ["mallory"] }],
    ["an unsafe number", { sub: 2 ** 53 }],
  ])(
    "is refused where the id token says nothing either, and the error names the setting: sub %s",
    async (_what, sub) => {
      const { server } = await start({
        claims: (_grant, iss) => withoutSub({ iss, ...sub }),
        idTokenClaims: () => ({ sub: " " }),
      });
      await expect(server.logIn()).rejects.toThrow(/identifies nobody.*client scope .*basic/);
      expect(server.logger.lines.filter(({ fields }) => Object.hasOwn(fields, "fault"))).toMatchObject([
        { fields: { event: "provider-token-refused", fault: "subject" } },
      ]);
    },
  );

  it.each([
    ["another user's id token", () => ({ sub: "bob" }), "another user"],
    ["no id token", () => null, "identifies nobody"],
    ["an id token for another application", () => ({ sub: "alice", aud: "other" }), "identifies nobody"],
    ["an id token of another issuer", () => ({ sub: "alice", iss: "https://other.example" }), "identifies nobody"],
    ["an id token that has expired", () => ({ sub: "alice", exp: 1_000 }), "identifies nobody"],
    ["an id token that names our application", () => ({ sub: CLIENT_ID }), "reserved"],
  ])("ends when a refresh brings %s", async (_what, atRefresh, reason) => {
    const { server } = await start({
      idTokenClaims: ({ refreshes }) => (refreshes === 0 ? { sub: "alice" } : atRefresh()),
    });
    const { client, tokens } = await server.logIn();
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain(reason);
    const lines = server.logger.lines.filter(({ fields }) => "event" in fields && fields.event === "subject-changed");
    expect(lines).toHaveLength(1);
    await expect(server.verify(tokens.access_token)).rejects.toThrow("revoked");
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
  });

  const withHeader = (header: string) => (jwt: string) => [header, ...jwt.split(".").slice(1)].join(".");
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each([
    ["is signed by somebody else", forged],
    ["has no header", withHeader("!!!")],
    ["has a header of other types", withHeader(encoded({ alg: 5 }))],
    [
      "is not signed",
      (jwt: string) =>
        `${withHeader(encoded({ alg: "none" }))(jwt)
          .split(".")
          .slice(0, 2)
          .join(".")}.`,
    ],
  ])("ends when a refresh brings an id token that %s, and only if it is needed", async (_what, mangle) => {
    for (const [sub, expected] of [
      [undefined, [400, "invalid_grant"]],
      ["alice", [200, undefined]],
    ] as const) {
      const { server } = await start({
        claims: (_grant, iss) => withoutSub({ iss, ...(sub && { sub }) }),
        idTokenClaims: () => ({ sub: "alice" }),
        mangleIdToken: (idToken, { refreshes }) => (refreshes === 0 ? idToken : mangle(idToken)),
      });
      const { client, tokens } = await server.logIn();
      const { status, body } = await client.refresh(tokens.refresh_token);
      expect([status, body.error]).toEqual(expected);
      if (sub === undefined) {
        expect(body.error_description).toMatch(/identifies nobody.* Log in again\./);
      }
    }
  });

  it("is decided later where the key of a refresh's id token is not published yet", async () => {
    const { server } = await start({
      idTokenClaims: () => ({ sub: "alice" }),
      mangleIdToken: (idToken, { refreshes }) =>
        refreshes === 0 ? idToken : withHeader(encoded({ alg: "RS256", kid: "key-2" }))(idToken),
    });
    const { client, tokens } = await server.logIn();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(503);
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
  });

  it("goes on when the access token of a refresh names the same user itself, and ends when it names another", async () => {
    for (const [sub, status] of [
      ["alice", 200],
      ["bob", 400],
    ] as const) {
      const { server } = await start({
        claims: ({ refreshes }, iss) => withoutSub({ iss, ...(refreshes > 0 && { sub }) }),
        idTokenClaims: () => ({ sub: "alice" }),
      });
      const { client, tokens } = await server.logIn();
      expect((await client.refresh(tokens.refresh_token)).status).toBe(status);
    }
  });

  it("must have the id token's at_hash, where there is one", async () => {
    for (const [at_hash, outcome] of [
      [(token: string) => halfHash(token), "accepted"],
      [() => halfHash("another"), "refused"],
      [() => 5, "refused"],
      [() => null, "accepted"],
      [() => "", "accepted"],
    ] as const) {
      const { server } = await start({ idTokenClaims: (_grant, token) => ({ sub: "alice", at_hash: at_hash(token) }) });
      const login = server.logIn().then(
        () => "accepted",
        (error: Error) => (error.message.includes("at_hash") ? "refused" : error),
      );
      expect(await login).toBe(outcome);
    }
  });
});

describe("Security rule 20: a login whose two tokens name two users", () => {
  const twoUsers: Partial<OidcStandInOptions> = {
    claims: (_grant, iss) => withoutSub({ iss, sub: "mallory" }),
    idTokenClaims: () => ({ sub: "alice" }),
  };

  it("is refused where the provider gives both tokens one sub, as Auth0", async () => {
    const { server } = await start(twoUsers, Auth0Provider);
    await expect(server.logIn()).rejects.toThrow("different users");
  });

  it("is the access token's elsewhere, and the difference is logged once", async () => {
    const { server } = await start(twoUsers);
    for (const _login of [1, 2]) {
      const { tokens } = await server.logIn();
      expect((await server.verify(tokens.access_token)).subject).toBe("mallory");
    }
    const lines = server.logger.lines.filter(({ fields }) => "event" in fields && fields.event === "subjects-differ");
    expect(lines).toHaveLength(1);
  });

  it("is refused everywhere when at_hash is another access token's", async () => {
    const { server } = await start({ ...twoUsers, idTokenClaims: () => ({ sub: "alice", at_hash: halfHash("x") }) });
    await expect(server.logIn()).rejects.toThrow("at_hash");
  });
});
