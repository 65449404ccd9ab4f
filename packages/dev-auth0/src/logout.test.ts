import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, locationOf, logIn, refresh } from "./testing/browser.ts";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0.close());

describe("logout", () => {
  test.each([
    ["v2/logout", "returnTo"],
    ["oidc/logout", "post_logout_redirect_uri"],
  ])("/%s ends the session and goes where %s says", async (path, parameter) => {
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    const url = new URL(path, auth0.issuer);
    url.searchParams.set(parameter, "http://localhost:3000/bye");
    url.searchParams.set("state", "s");
    expect(locationOf(await browser.get(url), url).href).toBe("http://localhost:3000/bye?state=s");
    const again = authorizeUrl(auth0);
    expect(locationOf(await browser.get(again), again).pathname).toBe("/u/login");
  });

  test("without a URL ends on a page", async () => {
    const response = await fetch(`${auth0.issuer}v2/logout`);
    expect(await response.text()).toContain("You are logged out.");
  });

  test("redirects nowhere outside this machine", async () => {
    const response = await fetch(`${auth0.issuer}v2/logout?returnTo=https://example.com/`, { redirect: "manual" });
    expect(response.status).toBe(400);
  });

  test("leaves refresh tokens alone, as Auth0 does", async () => {
    const { body } = await logIn(auth0, "alice");
    await fetch(`${auth0.issuer}v2/logout`);
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
  });
});
