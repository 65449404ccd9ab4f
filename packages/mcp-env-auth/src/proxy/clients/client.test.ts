import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../sealing/keyring.ts";
import { type Answer, McpClient, postForm } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { lastClientHash, ROOT_KEYS } from "../testing/proxy-server.ts";
import { sealToken } from "../tokens/sealed-tokens.ts";
import { createRegisteredClientResolver, MAX_CLIENT_ID_LENGTH } from "./client.ts";

const fixture = useProxy();

function basic(id: string, secret: string): Record<string, string> {
  const encode = (text: string) => encodeURIComponent(text).replaceAll("-", "%2D");
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString("base64")}` };
}

/** Whom the token endpoint took the client for: `invalid_grant` comes after authentication. */
function send(parameters: Record<string, string | undefined>, headers: Record<string, string> = {}): Promise<Answer> {
  const url = new URL("/token", fixture.server.address);
  return postForm(url, { grant_type: "refresh_token", refresh_token: "none", ...parameters }, headers);
}

describe("client authentication", () => {
  it("takes a public client by its id, with or without a secret that nobody gave it", async () => {
    const { id } = await McpClient.register(fixture.server);
    expect((await send({ client_id: id })).body.error).toBe("invalid_grant");
    expect((await send({ client_id: id, client_secret: "made up" })).body.error).toBe("invalid_grant");
  });

  it("takes a confidential client by its secret, in the body or percent-encoded in the header", async () => {
    const client = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_basic" });
    const { id, secret = "" } = client;
    expect((await send({}, basic(id, secret))).body.error).toBe("invalid_grant");
    expect((await send({ client_id: id }, basic(id, secret))).body.error).toBe("invalid_grant");
    expect((await send({ client_id: id, client_secret: secret })).body.error).toBe("invalid_grant");
  });

  it("answers 401 invalid_client to all others, with a challenge where the header was used", async () => {
    const client = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_basic" });
    const { id, secret = "" } = client;
    const other = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_post" });
    const refused = [
      await send({}),
      await send({ client_id: "unknown" }),
      await send({ client_id: "https://client.example.com/metadata.json" }),
      await send({ client_id: id }),
      await send({ client_id: id, client_secret: "wrong" }),
      await send({ client_id: id, client_secret: other.secret }),
      await send({ client_id: id, client_secret: `${secret}A` }),
    ];
    for (const { status, body, headers } of refused) {
      expect([status, body.error, headers.get("www-authenticate")]).toEqual([401, "invalid_client", null]);
    }
    for (const headers of [basic(id, "wrong"), basic("unknown", secret), { authorization: "Basic %" }]) {
      const answer = await send({}, headers);
      expect([answer.status, answer.body.error]).toEqual([401, "invalid_client"]);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    }
  });

  it("says that the assertion is missing where a client authenticates by one, whatever else it sends", async () => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    const { id } = await McpClient.register(fixture.server, {
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [await exportJWK(publicKey)] },
    });
    for (const sent of [{ client_id: id }, { client_id: id, client_secret: "made up" }]) {
      const { status, body } = await send(sent);
      expect([status, body.error, body.error_description]).toEqual([
        401,
        "invalid_client",
        "This client authenticates by a client_assertion, and sent none.",
      ]);
    }
  });

  it("refuses credentials in two ways at once", async () => {
    const client = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_post" });
    const { id, secret = "" } = client;
    const both = await send({ client_id: id, client_secret: secret }, basic(id, secret));
    expect([both.status, both.body.error]).toEqual([400, "invalid_request"]);
    const different = await send({ client_id: "another" }, basic(id, secret));
    expect([different.status, different.body.error]).toEqual([400, "invalid_request"]);
  });

  it("refuses a client that the operator has blocked, without making it register again", async () => {
    const { server } = fixture;
    const { id } = await McpClient.register(server);
    await server.options.store.set("deny-client", lastClientHash(server), "1", 60);
    const { status, body } = await send({ client_id: id });
    expect([status, body.error]).toEqual([400, "unauthorized_client"]);
  });
});

describe("a client id that we sealed", () => {
  it("is unknown when it is longer than those that we give", async () => {
    const keyring = createKeyring(ROOT_KEYS, ["client ids"]);
    const resolve = createRegisteredClientResolver(keyring);
    const sealed = (count: number) =>
      sealToken(keyring, "client", {
        redirectUris: Array.from({ length: count }, (_, n) => `https://client.example.com/${n}/${"a".repeat(400)}`),
        authMethod: "none",
        issuedAt: 1,
      });
    const [fits, exceeds] = [await sealed(4), await sealed(5)];
    expect([fits.length <= MAX_CLIENT_ID_LENGTH, exceeds.length <= MAX_CLIENT_ID_LENGTH]).toEqual([true, false]);
    expect(await resolve(fits, "192.0.2.1")).toMatchObject({ id: fits, authMethods: ["none"] });
    expect(await resolve(exceeds, "192.0.2.1")).toBeUndefined();
  });
});

describe("Security rule 14: no client id passes for another", () => {
  it("in another spelling", async () => {
    const { id } = await McpClient.register(fixture.server);
    for (const spelling of [`${id}=`, ` ${id}`, `${id} `, id.toUpperCase(), `${id}.`]) {
      expect((await send({ client_id: spelling })).status).toBe(401);
    }
  });

  it("by being a sealed token of another purpose", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token, refresh_token } = await client.logIn();
    for (const id of [access_token, refresh_token]) {
      expect((await send({ client_id: id })).body.error).toBe("invalid_client");
    }
  });
});
