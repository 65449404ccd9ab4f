import { decodeJwt } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, CALLBACK, createPkce, locationOf, requestToken } from "./testing/browser.ts";

const API = { identifier: "https://mcp.example.com/mcp", scopes: ["weather:read", "weather:write"] };
const READERS = { ...API, thirdPartyPermissions: ["weather:read"] };
const CLIENT = { client_name: "An MCP client", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" };

let auth0: DevAuth0;

afterEach(() => auth0.close());

async function start(options: DevAuth0Options = {}): Promise<void> {
  auth0 = await startDevAuth0({ dynamicRegistration: true, resourceParameter: true, apis: [READERS], ...options });
}

async function register(metadata: object = CLIENT): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${auth0.issuer}oidc/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(metadata),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function registered(metadata?: object): Promise<{ id: string; secret: string | undefined }> {
  const { body } = await register(metadata);
  return { id: String(body.client_id), secret: body.client_secret as string | undefined };
}

/** The authorization request of a client that names the API by `resource`. */
function requestOf(
  clientId: string,
  challenge: string | undefined,
  overrides: Record<string, string | undefined> = {},
) {
  return authorizeUrl(auth0, {
    client_id: clientId,
    audience: undefined,
    resource: API.identifier,
    code_challenge: challenge,
    code_challenge_method: challenge && "S256",
    ...overrides,
  });
}

/** A whole login, with the consent that Auth0 asks for. */
async function logIn(clientId: string, secret?: string, overrides: Record<string, string | undefined> = {}) {
  const { verifier, challenge } = createPkce();
  const browser = new Browser();
  const page = await browser.logIn(requestOf(clientId, challenge, overrides), "alice");
  const state = page.searchParams.get("state") ?? "";
  const isConsent = page.pathname === "/u/consent";
  const callback = isConsent ? locationOf(await browser.post(page, { state, action: "accept" }), page) : page;
  return requestToken(auth0, {
    client_id: clientId,
    client_secret: secret,
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
}

async function refusal(url: URL): Promise<string> {
  const answer = await fetch(url, { redirect: "manual" });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  return answer.text();
}

describe("/oidc/register", () => {
  test("makes anybody a third-party application, with what such a one may have", async () => {
    await start();
    const { status, body } = await register({ ...CLIENT, grant_types: ["authorization_code", "client_credentials"] });
    expect(status).toBe(201);
    expect(body).toEqual({
      client_name: "An MCP client",
      client_id: expect.stringMatching(/^tpc_/),
      client_secret_expires_at: 0,
      redirect_uris: [CALLBACK],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
    const discovery = (await (await fetch(auth0.configUrl)).json()) as Record<string, unknown>;
    expect(discovery.registration_endpoint).toBe(`${auth0.issuer}oidc/register`);
  });

  test("gives a confidential client a secret, which it must send", async () => {
    await start();
    const { id, secret } = await registered({ redirect_uris: [CALLBACK] });
    expect((await logIn(id, secret)).status).toBe(200);
    expect((await logIn(id, "wrong")).status).toBe(401);
  });

  test.each([
    [{}, "invalid_redirect_uri"],
    [{ redirect_uris: [] }, "invalid_redirect_uri"],
    [{ redirect_uris: ["not a URL"] }, "invalid_redirect_uri"],
    [{ redirect_uris: [CALLBACK], token_endpoint_auth_method: "tls_client_auth" }, "invalid_client_metadata"],
    [{ redirect_uris: [CALLBACK], token_endpoint_auth_method: "private_key_jwt" }, "invalid_client_metadata"],
  ])("refuses %o", async (metadata, error) => {
    await start();
    const { status, body } = await register(metadata);
    expect([status, body.error]).toEqual([400, error]);
  });

  test("is off unless it is turned on", async () => {
    await start({ dynamicRegistration: false });
    expect((await register()).status).toBe(404);
    expect(await (await fetch(auth0.configUrl)).json()).not.toHaveProperty("registration_endpoint");
  });
});

describe("a strict third-party application", () => {
  test("gets the scopes that the API gives to third parties, and none of OpenID Connect", async () => {
    await start();
    const { id } = await registered();
    const { status, body } = await logIn(id, undefined, {
      scope: "openid profile email offline_access weather:read weather:write",
    });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty("id_token");
    expect(body.scope).toBe("offline_access weather:read");
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: API.identifier, scope: "offline_access weather:read" });
    const userinfo = await fetch(`${auth0.issuer}userinfo`, {
      headers: { Authorization: `Bearer ${body.access_token}` },
    });
    expect(userinfo.status).toBe(401);
  });

  test("has access to no API by default, which a page says and no redirect", async () => {
    await start({ apis: [API] });
    const { id } = await registered();
    expect(await refusal(requestOf(id, createPkce().challenge))).toContain("unauthorized_client");
  });

  test("may be given one by name", async () => {
    const callbacks = [CALLBACK];
    await start({
      apis: [API],
      applications: [
        {
          clientId: "tpc_partner",
          type: "native",
          firstParty: false,
          callbacks,
          userGrants: { [API.identifier]: ["weather:write"] },
        },
      ],
    });
    expect((await logIn("tpc_partner", undefined, { scope: "weather:read weather:write" })).body.scope).toBe(
      "weather:write",
    );
  });

  test("must use PKCE, also with a secret, and standard parameters", async () => {
    await start();
    const { id } = await registered({ redirect_uris: [CALLBACK] });
    expect(await refusal(requestOf(id, undefined))).toContain("code_challenge");
    const { challenge } = createPkce();
    expect(await refusal(requestOf(id, challenge, { screen_hint: "signup" }))).toContain("screen_hint");
    const allowed = await fetch(requestOf(id, challenge, { "ext-theme": "dark" }), { redirect: "manual" });
    expect(allowed.status).toBe(302);
  });

  test("logs users in to organizations that allow it", async () => {
    await start({
      organizations: [
        { id: "org_open", name: "open", thirdPartyClientAccess: "allow" },
        { id: "org_closed", name: "closed" },
      ],
      users: [{ username: "alice", permissions: ["weather:read"], organizations: ["org_open", "org_closed"] }],
    });
    const { id } = await registered();
    const { challenge } = createPkce();
    expect(await refusal(requestOf(id, challenge, { organization: "org_closed" }))).toContain("third-party clients");
    const { body } = await logIn(id, undefined, { organization: "org_open" });
    expect(decodeJwt(body.access_token).org_id).toBe("org_open");
  });
});

describe("client id metadata documents", () => {
  const URL_OF_CLIENT = "https://client.example.com/oauth/mcp.json";
  const DOCUMENT = { client_id: URL_OF_CLIENT, ...CLIENT };

  test("are announced, and good for nothing before an administrator imports one", async () => {
    await start({ clientIdMetadataDocuments: true });
    const discovery = (await (await fetch(auth0.configUrl)).json()) as Record<string, unknown>;
    expect(discovery.client_id_metadata_document_supported).toBe(true);
    expect(await refusal(requestOf(URL_OF_CLIENT, createPkce().challenge))).toContain("Unknown client");
    await auth0.importClientDocument(URL_OF_CLIENT, DOCUMENT);
    expect((await logIn(URL_OF_CLIENT)).body.scope).toBe("offline_access weather:read");
  });

  test.each([
    [{ ...DOCUMENT, client_id: "https://another.example.com/" }, "is of the client"],
    [{ ...DOCUMENT, token_endpoint_auth_method: "client_secret_post" }, "no place for a secret"],
    [{ ...DOCUMENT, redirect_uris: undefined }, "redirect_uris"],
  ])("are refused where they can't be the client's: %o", async (document, reason) => {
    await start();
    await expect(auth0.importClientDocument(URL_OF_CLIENT, document)).rejects.toThrow(reason);
  });
});

test("a third-party application is consented to once", async () => {
  await start();
  const { id } = await registered();
  const browser = new Browser();
  const page = await browser.logIn(requestOf(id, createPkce().challenge), "alice");
  expect(page.pathname).toBe("/u/consent");
  await browser.post(page, { state: page.searchParams.get("state") ?? "", action: "accept" });
  expect((await browser.logIn(requestOf(id, createPkce().challenge), "alice")).href).toContain(CALLBACK);
});

test("`resource` names an API only with the compatibility profile", async () => {
  await start({ resourceParameter: false });
  const { id } = await registered();
  const { body } = await logIn(id);
  expect(() => decodeJwt(body.access_token)).toThrow();
});
