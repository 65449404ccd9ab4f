import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import type { AccessToken } from "../access-token.ts";
import type { EndpointRequest } from "../endpoint.ts";
import { createIdentity, type IdentityOptions } from "./identity.ts";
import { call, echo, startGateway } from "./testing/start-gateway.ts";

const secret = (byte: number) => new Uint8Array(64).fill(byte);
const NOW = 1_000_000;

const token = (more: Partial<AccessToken> = {}): AccessToken => ({
  ...{ token: "t", clientId: "client", scopes: ["a", "b"], expiresAt: NOW + 3600, claims: {}, subject: "auth0|1" },
  ...more,
});

function identity(options: Partial<IdentityOptions> = {}) {
  return createIdentity({
    ...{ kind: "jwt", audience: "http://127.0.0.1:9000/mcp", issuer: "https://mcp.example.com", clock: () => NOW },
    secrets: [secret(1)],
    ...options,
  });
}

type Keys = Parameters<typeof createLocalJWKSet>[0];

async function keysOf({ endpoints }: ReturnType<typeof createIdentity>): Promise<Keys> {
  const { body } = (await endpoints[0]?.handle({} as EndpointRequest)) ?? {};
  return (body as { json: Keys }).json;
}

const jwtIn = ({ authorization = "" }: Readonly<Record<string, string>>) => authorization.replace("Bearer ", "");

describe("the identity of a user, for an upstream", () => {
  it("is a JWT for this upstream, of five minutes at most", async () => {
    const made = identity();
    const jwt = jwtIn(await made.headersFor(token({ organization: "org_1", roles: ["admin"] })));
    const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(await keysOf(made)), {
      audience: "http://127.0.0.1:9000/mcp",
      issuer: "https://mcp.example.com",
      typ: "mcp-identity+jwt",
      algorithms: ["ES256"],
      currentDate: new Date(NOW * 1000),
    });
    expect(protectedHeader.alg).toBe("ES256");
    expect(payload).toEqual({
      ...{ sub: "auth0|1", client_id: "client", scope: "a b", organization: "org_1", roles: ["admin"] },
      ...{ iss: "https://mcp.example.com", aud: "http://127.0.0.1:9000/mcp", iat: NOW, exp: NOW + 300 },
    });
  });

  it("lasts no longer than the token", async () => {
    const [, claims = ""] = jwtIn(await identity().headersFor(token({ expiresAt: NOW + 20 }))).split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({ exp: NOW + 20 });
  });

  it("is signed once for a token, and again before it ends", async () => {
    let now = NOW;
    const made = identity({ clock: () => now });
    const [mine, other] = [token(), token({ subject: "bob" })];
    const first = await made.headersFor(mine);
    expect(await made.headersFor(mine)).toEqual(first);
    expect(await made.headersFor(other)).not.toEqual(first);
    now += 239;
    expect(await made.headersFor(mine)).toEqual(first);
    now += 2;
    expect(await made.headersFor(mine)).not.toEqual(first);
  });

  it("has the same keys in every replica, and those of a previous signing key as well", async () => {
    const before = await keysOf(identity());
    expect(await keysOf(identity())).toEqual(before);
    const rotated = await keysOf(identity({ secrets: [secret(2), secret(1)] }));
    expect(rotated.keys.length).toBe(2);
    expect(rotated.keys[1]).toEqual(before.keys[0]);
    expect(JSON.stringify(rotated)).not.toContain('"d"');
    expect(await keysOf(identity({ secrets: [] }))).not.toEqual(await keysOf(identity({ secrets: [] })));
  });

  it.each([0, 0xff, 7])("takes a secret of any bytes: %i", async (byte) => {
    const made = identity({ secrets: [secret(byte)] });
    const keys = createLocalJWKSet(await keysOf(made));
    await jwtVerify(jwtIn(await made.headersFor(token())), keys, { currentDate: new Date(NOW * 1000) });
  });

  it("is percent-encoded in plain headers, and absent where it is not wanted or nobody is known", async () => {
    const evil = token({ subject: "ä, \r\nX-Admin: 1\ud800", organization: "o" });
    expect(await identity({ kind: "headers" }).headersFor(evil)).toEqual({
      "x-forwarded-user": "%C3%A4%2C%20%0D%0AX-Admin%3A%201%EF%BF%BD",
      "x-forwarded-client": "client",
      "x-forwarded-scope": "a%20b",
      "x-forwarded-organization": "o",
    });
    expect(await identity({ kind: "none" }).headersFor(evil)).toEqual({});
    expect(await identity().headersFor(undefined)).toEqual({});
  });
});

describe("a gateway", () => {
  interface Echoed {
    readonly result: { readonly headers: Readonly<Record<string, string>> };
  }

  it("Security rule 25: tells the upstream who is asking, and never accepts that itself", async () => {
    const { ask, origin, upstream } = await startGateway(echo);
    const { result } = (await (await ask("alice~acme", call())).json()) as Echoed;
    const jwt = jwtIn(result.headers);
    const keys = (await (await fetch(`${origin}/.well-known/mcp-identity-jwks.json`)).json()) as Keys;
    const { payload } = await jwtVerify(jwt, createLocalJWKSet(keys), { audience: `${upstream}/mcp` });
    expect(payload).toMatchObject({ sub: "alice", organization: "acme", client_id: "client-1" });
    expect((await ask(jwt, call())).status).toBe(401);
  });

  it("Security rule 25: lets no header of a client's stand beside those that name its user", async () => {
    const { ask } = await startGateway(echo, { FASTMCP_UPSTREAM_IDENTITY: "headers" });
    const spoofed = { "X-Forwarded-User": "mallory", "X-Forwarded-Organization": "mallory" };
    const { result } = (await (await ask("alice", call(), spoofed)).json()) as Echoed;
    expect(result.headers["x-forwarded-user"]).toBe("alice");
    expect(JSON.stringify(result.headers)).not.toMatch(/mallory/);
    expect(result.headers.authorization).toBeUndefined();
  });

  it("has no keys where it signs nothing", async () => {
    const { origin } = await startGateway(echo, { FASTMCP_UPSTREAM_IDENTITY: "none" });
    expect((await fetch(`${origin}/.well-known/mcp-identity-jwks.json`)).status).toBe(404);
  });
});
