import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, CALLBACK, createPkce, locationOf } from "./testing/browser.ts";

let now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({
    clock: () => now,
    applications: [
      { clientId: "web", clientSecret: "web secret", type: "regular_web", callbacks: [CALLBACK] },
      { clientId: "spa", type: "spa" },
      { clientId: "machine", clientSecret: "machine secret", type: "machine" },
    ],
  });
});

afterAll(() => auth0.close());

/** The parameters that the browser brings back without seeing a page. */
async function answer(overrides: Record<string, string | undefined>, browser = new Browser()) {
  const url = authorizeUrl(auth0, overrides);
  const location = locationOf(await browser.get(url), url);
  return { at: location.origin + location.pathname, ...Object.fromEntries(location.searchParams) };
}

describe("/authorize", () => {
  test("sends a browser without a session to the login page", async () => {
    const url = authorizeUrl(auth0);
    const location = locationOf(await new Browser().get(url), url);
    expect(location.origin + location.pathname).toBe(`${auth0.issuer}u/login`);
  });

  test("takes its parameters from a form as well", async () => {
    const fields = Object.fromEntries(authorizeUrl(auth0).searchParams);
    const response = await new Browser().post(`${auth0.issuer}authorize`, fields);
    expect(locationOf(response, auth0.issuer).pathname).toBe("/u/login");
  });

  test("brings a code and the state as it came, and no iss unless the tenant is told to", async () => {
    const location = await new Browser().logIn(authorizeUrl(auth0, { state: "a b&c=d+é" }), "alice");
    expect(location.origin + location.pathname).toBe(CALLBACK);
    expect(location.searchParams.get("state")).toBe("a b&c=d+é");
    expect([...location.searchParams.keys()]).toEqual(["code", "state"]);
  });

  test("sends no state back when none came", async () => {
    const location = await new Browser().logIn(authorizeUrl(auth0, { state: undefined }), "alice");
    expect([...location.searchParams.keys()]).toEqual(["code"]);
  });

  test("sends iss with every answer, and says so in discovery, when the tenant is told to (RFC 9207)", async () => {
    const tenant = await startDevAuth0({ sendIssuer: true });
    const success = await new Browser().logIn(authorizeUrl(tenant), "alice");
    expect(success.searchParams.get("iss")).toBe(tenant.issuer);
    const failure = await new Browser().logIn(authorizeUrl(tenant, { prompt: "none" }), "alice");
    expect(failure.searchParams.get("iss")).toBe(tenant.issuer);
    const discovery = (await (await fetch(tenant.configUrl)).json()) as Record<string, unknown>;
    expect(discovery.authorization_response_iss_parameter_supported).toBe(true);
    await tenant.close();
  });
});

describe("/authorize, when the callback URL can't be trusted, shows a page and redirects nowhere", () => {
  test.each([
    ["no client", { client_id: undefined }, 400, "Missing required parameter: client_id"],
    ["an unknown client", { client_id: "nobody" }, 403, "Unknown client: nobody"],
    ["no callback URL", { redirect_uri: undefined }, 400, "Missing required parameter: redirect_uri"],
    ["a path that is not allowed", { redirect_uri: `${CALLBACK}/x` }, 403, "Callback URL mismatch."],
    ["a trailing slash", { redirect_uri: `${CALLBACK}/` }, 403, "Callback URL mismatch."],
    ["another port", { redirect_uri: "http://127.0.0.1:8001/auth/callback" }, 403, "Callback URL mismatch."],
    [
      "by default, another machine",
      { client_id: "spa", redirect_uri: "http://example.com/cb" },
      403,
      "Callback URL mismatch.",
    ],
    [
      "by default, another machine in disguise",
      { client_id: "spa", redirect_uri: "http://127.0.0.1@example.com/" },
      403,
      "Callback URL mismatch.",
    ],
    [
      "by default, a URL with a user name",
      { client_id: "spa", redirect_uri: "http://someone@127.0.0.1/" },
      403,
      "Callback URL mismatch.",
    ],
    [
      "by default, a URL with a fragment (RFC 6749 section 3.1.2)",
      { client_id: "spa", redirect_uri: "http://127.0.0.1/#" },
      403,
      "Callback URL mismatch.",
    ],
    [
      "by default, a script",
      { client_id: "spa", redirect_uri: "javascript://localhost/" },
      403,
      "Callback URL mismatch.",
    ],
  ])("%s", async (_name, overrides, status, text) => {
    const response = await fetch(authorizeUrl(auth0, overrides), { redirect: "manual" });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain(text);
  });

  test("a repeated parameter", async () => {
    const url = authorizeUrl(auth0);
    url.searchParams.append("redirect_uri", "http://127.0.0.1:9/other");
    const response = await fetch(url, { redirect: "manual" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("The parameter redirect_uri must be one string.");
  });
});

describe("/authorize tells the callback URL what is wrong", () => {
  test.each([
    ["no response type", { response_type: undefined }, "invalid_request", "Missing required parameter: response_type"],
    ["the implicit flow", { response_type: "token" }, "unsupported_response_type", "Unsupported response type: token"],
    ["an unknown audience", { audience: "https://x" }, "access_denied", "Service not found: https://x"],
    [
      "plain PKCE",
      { code_challenge: "a".repeat(43), code_challenge_method: "plain" },
      "invalid_request",
      "Unsupported code_challenge_method: plain. Use S256.",
    ],
    [
      "PKCE without a method, which means plain",
      { code_challenge: "a".repeat(43) },
      "invalid_request",
      "Unsupported code_challenge_method: plain. Use S256.",
    ],
    [
      "a challenge that is no hash",
      { code_challenge: "short", code_challenge_method: "S256" },
      "invalid_request",
      "Parameter code_challenge must be a base64url SHA-256 hash.",
    ],
    ["an unknown prompt", { prompt: "maybe" }, "invalid_request", "Invalid prompt: maybe"],
    ["prompt=none with another", { prompt: "none login" }, "invalid_request", "Invalid prompt: none login"],
    ["a max_age that is no number", { max_age: "-1" }, "invalid_request", "Parameter max_age must be an integer."],
    ["prompt=none without a session", { prompt: "none" }, "login_required", "Login required"],
  ])("%s", async (_name, overrides, error, error_description) => {
    expect(await answer(overrides)).toEqual({ at: CALLBACK, error, error_description, state: "the state" });
  });

  test("no PKCE from an application without a secret", async () => {
    const { error, error_description } = (await answer({ client_id: "spa" })) as Record<string, string>;
    expect({ error, error_description }).toEqual({
      error: "invalid_request",
      error_description: "Missing required parameter: code_challenge",
    });
  });

  test("a machine that wants to log somebody in", async () => {
    expect(await answer({ client_id: "machine" })).toMatchObject({ error: "unauthorized_client" });
  });
});

describe("the login session", () => {
  test("makes a second login unnecessary, for another application as well", async () => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    expect(await answer({}, browser)).toMatchObject({ at: CALLBACK, code: expect.any(String) });
    const { challenge } = createPkce();
    const spa = { client_id: "spa", code_challenge: challenge, code_challenge_method: "S256", prompt: "none" };
    expect(await answer(spa, browser)).toMatchObject({ at: CALLBACK, code: expect.any(String) });
  });

  test.each(["login", "select_account"])("is passed over by prompt=%s", async (prompt) => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    expect(await answer({ prompt }, browser)).toMatchObject({ at: `${auth0.issuer}u/login` });
  });

  test("is passed over when it is older than max_age", async () => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    now += 61;
    expect(await answer({ max_age: "120" }, browser)).toMatchObject({ at: CALLBACK });
    expect(await answer({ max_age: "60" }, browser)).toMatchObject({ at: `${auth0.issuer}u/login` });
  });

  test("ends after a day", async () => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    now += 24 * 3600;
    expect(await answer({}, browser)).toMatchObject({ at: `${auth0.issuer}u/login` });
  });

  test("is a cookie that no script reads, named by the port since ports share cookies", async () => {
    const url = authorizeUrl(auth0);
    const browser = new Browser();
    const page = locationOf(await browser.get(url), url);
    const response = await browser.post(page, { state: page.searchParams.get("state") ?? "", username: "alice" });
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(new RegExp(`^dev-auth0-${auth0.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`)),
    ]);
  });
});
