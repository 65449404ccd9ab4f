import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, launchInProcess } from "./support/in-process.ts";

const CALLBACK = "http://127.0.0.1:1/callback";
const FORM = "application/x-www-form-urlencoded";

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };

beforeAll(async () => {
  auth0 = await startDevAuth0();
  server = await launchInProcess({ auth0 });
});
afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

interface Sent {
  readonly type?: string;
  readonly authorization?: string;
}

async function post(path: string, body: string, { type, authorization }: Sent = {}) {
  const answer = await fetch(`${server.origin}${path}`, {
    method: "POST",
    headers: { "Content-Type": type ?? FORM, ...(authorization && { Authorization: authorization }) },
    body,
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, string> };
}

const register = (metadata: object) =>
  post("/register", JSON.stringify({ redirect_uris: [CALLBACK], ...metadata }), { type: "application/json" });

describe("the token and revocation endpoints", () => {
  it.each([
    ["a charset", `${FORM}; charset=UTF-8`],
    ["a list of types", `application/json, ${FORM}`],
    ["text/plain", "text/plain;charset=UTF-8"],
  ])("take a form with %s, from the code to the revocation", async (_what, type) => {
    const { form } = await server.getCode();
    const login = await post("/token", String(new URLSearchParams(form)), { type });
    expect(login.status).toBe(200);
    const refresh = { grant_type: "refresh_token", client_id: form.client_id ?? "" };
    const again = { ...refresh, refresh_token: login.body.refresh_token ?? "" };
    const refreshed = await post("/token", String(new URLSearchParams(again)), { type });
    expect(refreshed.status).toBe(200);
    const token = refreshed.body.access_token ?? "";
    expect((await server.call(token)).status).toBe(200);
    const revoke = String(new URLSearchParams({ token, client_id: form.client_id ?? "" }));
    expect((await post("/revoke", revoke, { type })).status).toBe(200);
    expect((await server.call(token)).status).toBe(401);
  });

  it.each(["application/json", "text/plain", FORM])("take JSON, labeled %s", async (type) => {
    const { form } = await server.getCode();
    const { status, body } = await post("/token", JSON.stringify(form), { type });
    expect([status, body.token_type]).toEqual([200, "Bearer"]);
  });

  it("refuse a member of JSON that comes twice, and the code stays good", async () => {
    const { form, exchange } = await server.getCode();
    const twice = `${JSON.stringify(form).slice(0, -1)},"code":"${form.code}"}`;
    const { status, body } = await post("/token", twice, { type: "application/json" });
    expect([status, body.error]).toEqual([400, "invalid_request"]);
    expect(body.error_description).toContain("code");
    expect((await exchange()).status).toBe(200);
  });

  it("refuse a member of JSON that is no string", async () => {
    const { form } = await server.getCode();
    const { status, body } = await post("/token", JSON.stringify({ ...form, resource: [server.url] }), {
      type: "application/json",
    });
    expect([status, body.error]).toEqual([400, "invalid_request"]);
    expect(body.error_description).toContain("strings");
  });

  it("find client credentials behind a bearer token, and the MCP endpoint takes no such header", async () => {
    const { body: client } = await register({ token_endpoint_auth_method: "client_secret_basic" });
    const basic = `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}`;
    const refused = await post("/token", "grant_type=refresh_token&refresh_token=none", {
      authorization: `Bearer stale, ${basic}`,
    });
    // The credentials are good, and the refresh token is none.
    expect([refused.status, refused.body.error]).toEqual([400, "invalid_grant"]);
    expect((await post("/revoke", "token=none", { authorization: `Bearer stale, ${basic}` })).status).toBe(200);
    const wrong = `Bearer stale, Basic ${btoa(`${client.client_id}:wrong`)}`;
    expect((await post("/revoke", "token=none", { authorization: wrong })).status).toBe(401);

    const { access_token } = await server.getTokens();
    for (const authorization of [`Bearer ${access_token}, ${basic}`, `${basic}, Bearer ${access_token}`]) {
      const { status } = await post("/mcp", "{}", { authorization, type: "application/json" });
      expect([400, 401]).toContain(status);
    }
  });
});

describe("a registration", () => {
  it("takes empty texts and lists for absent members", async () => {
    const { status, body } = await register({
      client_name: "",
      scope: "",
      token_endpoint_auth_method: "",
      application_type: "",
      grant_types: [],
      response_types: [],
      contacts: [],
      client_uri: "",
      logo_uri: null,
      jwks_uri: "",
      dpop_bound_access_tokens: null,
    });
    expect([status, body.token_endpoint_auth_method, body.client_name]).toEqual([201, "none", undefined]);
  });

  it("cleans a name of marks and line breaks", async () => {
    const { status, body } = await register({ client_name: "\u200eClaude\r\nCode\u200f\n" });
    expect([status, body.client_name]).toEqual([201, "Claude Code"]);
  });

  it("takes http for names below localhost, with the port that the client finds", async () => {
    const redirect_uris = ["http://app.localhost:3000/cb"];
    const { status, body } = await register({ redirect_uris });
    expect(status).toBe(201);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: body.client_id ?? "",
      redirect_uri: "http://app.localhost:4000/cb",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    });
    expect((await fetch(`${server.origin}/authorize?${query}`)).status).toBe(200);
    query.set("redirect_uri", "http://other.localhost:3000/cb");
    expect((await fetch(`${server.origin}/authorize?${query}`)).status).toBe(400);
  });

  it.each([[[]], [[""]], [""], [null]])(
    "without redirect URIs (%j) is told so, whatever else is wrong",
    async (uris) => {
      const { status, body } = await register({
        redirect_uris: uris,
        grant_types: ["implicit"],
        token_endpoint_auth_method: "tls_client_auth",
      });
      expect([status, body.error]).toEqual([400, "invalid_redirect_uri"]);
      expect(body.error_description).toMatch(/^redirect_uris /);
    },
  );

  it("with http on another host is refused, and told that the operator's list does not help", async () => {
    const listed = await launchInProcess({
      auth0,
      env: {
        FASTMCP_SERVER_AUTH_AUTH0_ALLOWED_CLIENT_REDIRECT_URIS:
          '["http://intranet.example.com/*", "http://localhost:*"]',
      },
    });
    try {
      const answer = await fetch(`${listed.origin}/register`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["http://intranet.example.com/cb"] }),
      });
      const body = (await answer.json()) as Record<string, string>;
      expect([answer.status, body.error]).toEqual([400, "invalid_redirect_uri"]);
      expect(body.error_description).toContain("even if ALLOWED_CLIENT_REDIRECT_URIS lists it");
    } finally {
      await listed.close();
    }
  });
});
