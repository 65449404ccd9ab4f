import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_APPLICATION } from "./applications.ts";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import {
  authorizeUrl,
  Browser,
  CALLBACK,
  createPkce,
  locationOf,
  logIn,
  refresh,
  requestToken,
} from "./testing/browser.ts";

const MACHINE = { client_id: "machine", client_secret: "machine secret", grant_type: "client_credentials" };

let auth0: DevAuth0;

beforeAll(async () => {
  const application = { ...DEFAULT_APPLICATION, clientSecret: "secret" };
  auth0 = await startDevAuth0({
    organizations: [
      { id: "org_acme", name: "acme", displayName: "Acme Ltd" },
      { id: "org_globex", name: "globex" },
    ],
    organizationNames: true,
    users: [
      { username: "dave", permissions: ["weather:read"], organizations: ["org_acme"] },
      { username: "erin", permissions: ["weather:read"], organizations: ["org_acme", "org_globex"] },
      { username: "alice", permissions: [] },
    ],
    applications: [
      application,
      { ...application, clientId: "personal", organizationUsage: "deny" },
      { ...application, clientId: "business", organizationUsage: "require" },
      {
        ...application,
        clientId: "asks first",
        organizationUsage: "require",
        organizationRequireBehavior: "pre_login_prompt",
      },
      {
        ...application,
        clientId: "asks later",
        organizationUsage: "require",
        organizationRequireBehavior: "post_login_prompt",
      },
      { clientId: "machine", clientSecret: "machine secret", type: "machine", machineOrganizations: ["org_acme"] },
    ],
  });
});
afterAll(() => auth0.close());

/** Follows a login, answering the page that asks for the organization. */
async function logInThrough(clientId: string, username: string, organization: string): Promise<URL> {
  const browser = new Browser();
  const pkce = createPkce();
  let url = authorizeUrl(auth0, {
    client_id: clientId,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  });
  let response = await browser.get(url);
  for (let steps = 0; steps < 3; steps++) {
    const next = locationOf(response, url);
    if (next.href.startsWith(CALLBACK)) {
      break;
    }
    const state = next.searchParams.get("state") ?? "";
    const answer = next.pathname === "/u/login" ? { username } : { organization };
    expect((await browser.get(next)).status).toBe(200);
    response = await browser.post(next, { state, ...answer });
    url = next;
  }
  const callback = locationOf(response, url);
  const code = callback.searchParams.get("code");
  if (code === null) {
    return callback;
  }
  const { body } = await requestToken(auth0, {
    client_id: clientId,
    client_secret: "secret",
    grant_type: "authorization_code",
    code,
    redirect_uri: CALLBACK,
    code_verifier: pkce.verifier,
  });
  callback.searchParams.set("org", String(decodeJwt(body.access_token).org_id));
  return callback;
}

const refusalOf = (location: URL) => ({
  error: location.searchParams.get("error"),
  error_description: location.searchParams.get("error_description"),
});

describe("a login to an organization", () => {
  test.each(["org_acme", "acme", "ACME"])("by %s puts its id and name into every token", async (organization) => {
    const { body } = await logIn(auth0, "dave", { organization });
    for (const token of [body.access_token, body.id_token]) {
      expect(decodeJwt(token)).toMatchObject({ org_id: "org_acme", org_name: "acme" });
    }
    const userinfo = await fetch(`${auth0.issuer}userinfo`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(await userinfo.json()).toMatchObject({ org_id: "org_acme", org_name: "acme" });
  });

  test("is kept by a refresh, until the user leaves the organization", async () => {
    const { body } = await logIn(auth0, "dave", { organization: "org_acme" });
    const refreshed = await refresh(auth0, body.refresh_token);
    expect(decodeJwt(refreshed.body.access_token).org_id).toBe("org_acme");
    auth0.updateUser("dave", { organizations: [] });
    expect(await refresh(auth0, refreshed.body.refresh_token)).toMatchObject({
      status: 403,
      body: { error: "access_denied", error_description: "user auth0|dave is not part of the org_acme organization" },
    });
    auth0.updateUser("dave", { organizations: ["org_acme"] });
  });

  test("is not what a member has who logs in without it", async () => {
    const { body } = await logIn(auth0, "dave");
    expect(decodeJwt(body.access_token)).not.toHaveProperty("org_id");
    expect(decodeJwt(body.access_token)).not.toHaveProperty("org_name");
  });

  test("is closed to everybody else", async () => {
    const location = await new Browser().logIn(authorizeUrl(auth0, { organization: "org_acme" }), "alice");
    expect(Object.fromEntries(location.searchParams)).toEqual({
      error: "access_denied",
      error_description: "user auth0|alice is not part of the org_acme organization",
      state: "the state",
    });
  });

  test("by a name takes the tenant's consent to names, without which no token has one", async () => {
    const strict = await startDevAuth0();
    const location = await new Browser().logIn(authorizeUrl(strict, { organization: "acme" }), "dave");
    expect(refusalOf(location).error_description).toBe("parameter organization is invalid");
    const { body } = await logIn(strict, "dave", { organization: "org_acme" });
    expect(decodeJwt(body.access_token)).toMatchObject({ org_id: "org_acme" });
    expect(decodeJwt(body.access_token)).not.toHaveProperty("org_name");
    await strict.close();
  });
});

describe("an application", () => {
  test("for personal users takes no organization", async () => {
    const url = authorizeUrl(auth0, { client_id: "personal", organization: "org_acme" });
    expect(refusalOf(await new Browser().logIn(url, "dave"))).toEqual({
      error: "invalid_request",
      error_description: "parameter organization is not allowed for this client",
    });
  });

  test("for business users takes no login without one", async () => {
    expect(refusalOf(await new Browser().logIn(authorizeUrl(auth0, { client_id: "business" }), "dave"))).toEqual({
      error: "invalid_request",
      error_description: "parameter organization is required for this client",
    });
  });

  test.each(["asks first", "asks later"])("that %s lets its user name the organization", async (clientId) => {
    expect((await logInThrough(clientId, "erin", "globex")).searchParams.get("org")).toBe("org_globex");
    expect((await logInThrough(clientId, "erin", "acme")).searchParams.get("org")).toBe("org_acme");
  });

  test.each(["asks first", "asks later"])("that %s lets nobody into another's", async (clientId) => {
    expect(refusalOf(await logInThrough(clientId, "dave", "globex"))).toEqual({
      error: "access_denied",
      error_description: "user auth0|dave is not part of the org_globex organization",
    });
  });
});

describe("a machine", () => {
  const ask = (organization?: string) => requestToken(auth0, { ...MACHINE, audience: auth0.audience, organization });

  test("has a token for an organization when it asks for one", async () => {
    const { body } = await ask("org_acme");
    expect(decodeJwt(body.access_token)).toMatchObject({ org_id: "org_acme", org_name: "acme" });
    expect(decodeJwt((await ask()).body.access_token)).not.toHaveProperty("org_id");
  });

  test("has none for an organization that it is not associated with", async () => {
    expect(await ask("org_globex")).toMatchObject({ status: 403, body: { error: "access_denied" } });
    expect(await ask("org_nobody")).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });
});
