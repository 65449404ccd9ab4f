import { describe, expect, it } from "vitest";
import { register } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, useAttackedServer } from "../support/attacked-server.ts";
import { sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer();
const REDIRECT_URIS = ["https://client.example.com/cb"];

const registerWith = (metadata: unknown) => register(addressOf(attacked.server), metadata);

describe("a registration is refused, and told why in one sentence,", () => {
  it.each<[string, unknown, string]>([
    ["that is a list", [], "invalid_client_metadata"],
    ["that is null", null, "invalid_client_metadata"],
    ["that is a string", "redirect_uris", "invalid_client_metadata"],
    ["without redirect URIs", {}, "invalid_redirect_uri"],
    ["with an empty list of them", { redirect_uris: [] }, "invalid_redirect_uri"],
    ["with one that is an object", { redirect_uris: [{ toString: "https://a.example/" }] }, "invalid_redirect_uri"],
    ["with a string in place of the list", { redirect_uris: "https://a.example/cb" }, "invalid_redirect_uri"],
    [
      "with a hundred",
      { redirect_uris: Array.from({ length: 100 }, (_, i) => `https://a.example/${i}`) },
      "invalid_redirect_uri",
    ],
    [
      "for the implicit grant",
      { redirect_uris: REDIRECT_URIS, grant_types: ["implicit"], response_types: ["token"] },
      "invalid_client_metadata",
    ],
    [
      "for client credentials",
      { redirect_uris: REDIRECT_URIS, grant_types: ["client_credentials"] },
      "invalid_client_metadata",
    ],
    [
      "with a method of authentication that is none of ours",
      { redirect_uris: REDIRECT_URIS, token_endpoint_auth_method: "tls_client_auth" },
      "invalid_client_metadata",
    ],
    [
      "with a private key among its keys",
      {
        redirect_uris: REDIRECT_URIS,
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ kty: "EC", crv: "P-256", x: "AA", y: "AA", d: "AA" }] },
      },
      "invalid_client_metadata",
    ],
    [
      "with a symmetric key among its keys",
      {
        redirect_uris: REDIRECT_URIS,
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] },
      },
      "invalid_client_metadata",
    ],
    [
      "as a web application on loopback",
      { redirect_uris: ["http://127.0.0.1/"], application_type: "web" },
      "invalid_redirect_uri",
    ],
    [
      "with a name of 10,000 characters",
      { redirect_uris: REDIRECT_URIS, client_name: "x".repeat(10_000) },
      "invalid_client_metadata",
    ],
  ])("%s", async (_name, metadata, error) => {
    const { status, body, headers } = await registerWith(metadata);
    expect([status, body.error]).toEqual([400, error]);
    expect(body.error_description).toMatch(/^[\x20-\x7e]{1,500}$/);
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("a registration's name is shown without what could deceive", () => {
  it.each([
    ["Claude \u202egro.live", "Claude gro.live"],
    ["Claude\r\n\r\nAllow", "Claude Allow"],
    ["\u200b\u200b", undefined],
  ])("%j", async (name, shown) => {
    const { status, body } = await registerWith({ redirect_uris: REDIRECT_URIS, client_name: name });
    expect([status, body.client_name]).toEqual([201, shown]);
  });
});

describe("a registration takes nothing for granted that the client says of itself", () => {
  it.each<[string, Record<string, unknown>]>([
    ["an id", { client_id: "admin" }],
    ["a secret", { client_secret: "chosen by the client" }],
    ["a time of issue", { client_id_issued_at: 0 }],
    [
      "an access token for its registration",
      { registration_access_token: "t", registration_client_uri: "https://a.example" },
    ],
    ["a software statement", { software_statement: "eyJhbGciOiJub25lIn0.e30." }],
    ["a key of the prototype", JSON.parse('{"__proto__": {"authMethod": "none", "isAdmin": true}, "constructor": {}}')],
  ])("not %s", async (_name, extra) => {
    const { status, body } = await registerWith({ redirect_uris: REDIRECT_URIS, ...extra });
    expect(status).toBe(201);
    for (const [name, value] of Object.entries(extra)) {
      expect(body[name]).not.toEqual(value);
    }
    expect(Object.keys(body)).not.toContain("isAdmin");
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it("not a scope that this server does not have", async () => {
    const { body } = await registerWith({ redirect_uris: REDIRECT_URIS, scope: "admin root weather:everything" });
    expect(body.scope).toBeUndefined();
  });

  it("and gives a public client no secret", async () => {
    const { body } = await registerWith({ redirect_uris: REDIRECT_URIS });
    expect(body).toMatchObject({ token_endpoint_auth_method: "none" });
    expect(body.client_secret).toBeUndefined();
  });

  it("and never gives the same id twice, so that nobody inherits another's tokens", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => registerWith({ redirect_uris: REDIRECT_URIS })));
    expect(one?.body.client_id).not.toBe(other?.body.client_id);
  });

  it("and gives ids that can't be taken for the URL of a document", async () => {
    const { body } = await registerWith({
      redirect_uris: ["https://https.example/"],
      client_name: "https://claude.ai/",
    });
    expect(body.client_id).not.toMatch(/^https?:/i);
  });
});

describe("the secret of a confidential client", () => {
  const confidential = { token_endpoint_auth_method: "client_secret_post" };

  it("of one client is not that of another", async () => {
    const [one, other] = await Promise.all([attacked.client(confidential), attacked.client(confidential)]);
    other.secret = one.secret;
    const { status, body } = await other.refresh("none");
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });

  it.each<[string, (secret: string) => string | undefined]>([
    ["missing", () => undefined],
    ["empty", () => ""],
    ["cut short", (secret) => secret.slice(0, -1)],
    ["longer", (secret) => `${secret}A`],
    ["in another case", (secret) => secret.toUpperCase()],
    ["the provider's", () => attacked.auth0.clientSecret],
  ])("is not accepted %s", async (_name, change) => {
    const client = await attacked.client(confidential);
    client.secret = change(client.secret ?? "");
    const { status, body } = await client.refresh("none");
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });

  it("can't be left out by sending a bearer token", async () => {
    const { accessToken } = await attacked.login();
    const { id } = await attacked.client(confidential);
    const answer = await fetch(`${attacked.origin}/token`, {
      method: "POST",
      headers: { Authorization: `Bearer ${accessToken}` },
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: "x", client_id: id }),
    });
    expect(answer.status).toBe(401);
  });

  it("can't be sent in two ways at once", async () => {
    const { id, secret = "" } = await attacked.client(confidential);
    const answer = await fetch(`${attacked.origin}/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: "x",
        client_id: id,
        client_secret: secret,
      }),
    });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, "invalid_request"]);
  });
});

describe("registrations are read from JSON alone", () => {
  it("CVE-2026-24486: a multipart body, which could name files, is not parsed at all", async () => {
    const body = new FormData();
    body.set("redirect_uris", new Blob(["https://a.example/"]), "../../../../etc/cron.d/x");
    for (const path of ["/register", "/token", "/revoke", "/consent", "/authorize"]) {
      const answer = await fetch(`${attacked.origin}${path}`, { method: "POST", body });
      expect([path, answer.status]).toEqual([path, 400]);
    }
  });

  it("a form is refused", async () => {
    const body = new URLSearchParams({ redirect_uris: "https://a.example/" });
    expect((await fetch(`${attacked.origin}/register`, { method: "POST", body })).status).toBe(400);
  });

  it("and a compressed body, which could be a way around the limit, is refused", async () => {
    const { gzipSync } = await import("node:zlib");
    const body = gzipSync(JSON.stringify({ redirect_uris: REDIRECT_URIS, padding: " ".repeat(10_000_000) }));
    const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
    const answer = await sendRaw(attacked.origin, { method: "POST", path: "/register", headers, body });
    expect(answer.status).toBe(415);
  });
});
