import { describe, expect, it } from "vitest";
import { formOf, locationOf, logInAtProvider } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

const toProvider = (location: URL) => location.origin === new URL(attacked.auth0.issuer).origin;
const providerLogins = () => attacked.auth0.requests.filter(({ path }) => path === "/authorize").length;

describe("GHSA-c2jp-c369-7pvx: a client that anybody registered gets no login without consent", () => {
  it("although the user is logged in at the provider and has approved another client", async () => {
    const browser = new TestBrowser();
    await (await attacked.client()).authorize(browser);
    const before = providerLogins();
    const evil = await attacked.client({ redirect_uris: ["https://evil.example/cb"], client_name: "Test" });
    const answer = await browser.get(evil.authorizeUrl());
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    expect(await answer.text()).toContain("evil.example");
    expect(providerLogins()).toBe(before);
  });

  it("and not the second time either", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    await client.authorize(browser);
    expect((await browser.get(client.authorizeUrl())).status).toBe(200);
  });

  it.each([
    { prompt: "none" },
    { prompt: "login" },
    { max_age: "0" },
    { id_token_hint: "eyJhbGciOiJub25lIn0.e30." },
    { login_hint: "alice" },
    { decision: "allow" },
    { consent: "true" },
    { approval_prompt: "auto" },
    { connection: "attacker-saml" },
    { audience: "https://other.example/api" },
  ])("whatever the request adds: %o", async (extra) => {
    const client = await attacked.client();
    const before = providerLogins();
    const answer = await new TestBrowser().get(client.authorizeUrl(extra));
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    expect(providerLogins()).toBe(before);
  });

  it("by POST as by GET, and never by HEAD", async () => {
    const url = (await attacked.client()).authorizeUrl();
    const posted = await fetch(`${attacked.origin}/authorize`, {
      method: "POST",
      body: url.searchParams,
      redirect: "manual",
    });
    expect([posted.status, posted.headers.get("location")]).toEqual([200, null]);
    expect((await fetch(url, { method: "HEAD" })).status).toBe(405);
  });

  it("and nothing of what it added reaches the provider", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const form = await client.openConsent(browser, {
      connection: "evil",
      audience: "https://other.example",
      prompt: "none",
    });
    const location = locationOf(await client.answer(browser, form));
    expect(location.searchParams.has("connection")).toBe(false);
    expect(location.searchParams.get("prompt")).not.toBe("none");
    expect(location.searchParams.getAll("audience")).toEqual([attacked.auth0.audience]);
    expect(location.searchParams.getAll("redirect_uri")).toEqual([`${attacked.origin}/auth/callback`]);
  });
});

describe("CVE-2026-27124: whoever did not approve in this browser gets nothing at the callback", () => {
  it("a victim who follows the attacker's address of the provider after the attacker's consent", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()];
    const client = await attacked.client();
    const providerUrl = locationOf(await client.answer(attacker, await client.openConsent(attacker)));
    const callback = await logInAtProvider(victim, providerUrl, "alice");
    const answer = await victim.get(callback);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
    expect(await answer.text()).not.toContain(callback.searchParams.get("code") ?? "?");
  });

  it("nor does the attacker who takes the victim's callback home", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()];
    const client = await attacked.client();
    const callback = await client.reachCallback(victim);
    await client.openConsent(attacker);
    const answer = await attacker.get(callback);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
    expect((await victim.get(callback)).status).toBe(302);
  });

  it("nor a victim with a login of their own under way", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()];
    const client = await attacked.client();
    await client.reachCallback(victim);
    const callback = await client.reachCallback(attacker, "bob");
    expect((await victim.get(callback)).status).toBe(403);
  });

  it("nor a cookie of one login under the name of another", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()];
    const client = await attacked.client();
    const callback = await client.reachCallback(attacker);
    await client.reachCallback(victim);
    const [theirs] = [...victim.cookies].find(([name]) => name.includes("login-")) ?? [""];
    const [ours] = [...attacker.cookies].find(([name]) => name.includes("login-")) ?? [""];
    expect(ours).not.toBe(theirs);
    victim.cookies.set(ours, victim.cookies.get(theirs) ?? "");
    expect((await victim.get(callback)).status).toBe(403);
  });

  it("no cookie of the login is there before the approval", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const form = await client.openConsent(browser);
    expect([...browser.cookies.keys()].filter((name) => name.includes("login"))).toEqual([]);
    await client.answer(browser, form);
    expect([...browser.cookies.keys()].filter((name) => name.includes("login"))).toHaveLength(1);
  });

  it("the attacker's form, posted by the victim's browser, is asked again and approves nothing", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()];
    const client = await attacked.client();
    const form = await client.openConsent(attacker);
    await client.openConsent(victim);
    const before = providerLogins();
    const answer = await client.answer(victim, form);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
    expect(formOf(await answer.text())).not.toBe(form);
    expect(providerLogins()).toBe(before);
  });
});

describe("GHSA-6x8h-498w-gv8c: there is no silent consent to ride on", () => {
  it("a cookie of an approval does not stand for the next one", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    await client.authorize(browser);
    const names = [...browser.cookies.keys()].filter((name) => name.startsWith("mcp-"));
    expect(names).toHaveLength(1);
    expect(names[0]).toContain("browser");
    expect((await browser.get(client.authorizeUrl())).headers.get("location")).toBeNull();
  });

  it("an approval is not carried to another redirect URI of the same client", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client({ redirect_uris: ["http://127.0.0.1:1/cb", "https://evil.example/cb"] });
    await client.authorize(browser);
    const page = await browser.get(client.authorizeUrl({ redirect_uri: "https://evil.example/cb" }));
    expect([page.status, page.headers.get("location")]).toEqual([200, null]);
  });
});

describe("the consent form", () => {
  it("says where the user goes: redirect host, scopes, resource and the provider", async () => {
    const client = await attacked.client({ redirect_uris: ["https://client.example.com/cb"], client_name: "Honest" });
    const page = await (await new TestBrowser().get(client.authorizeUrl({ scope: "openid" }))).text();
    for (const fact of [
      "client.example.com",
      "openid",
      attacked.resource,
      new URL(attacked.auth0.issuer).host,
      "Honest",
    ]) {
      expect(page).toContain(fact);
    }
  });

  it("warns of every redirect to this computer, and to an app", async () => {
    for (const uri of ["http://localhost:1/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "cursor://anysphere/cb"]) {
      const client = await attacked.client({ redirect_uris: [uri] });
      expect(await (await new TestBrowser().get(client.authorizeUrl())).text()).toContain(
        "Continue only if you started this",
      );
    }
  });

  it("of one client is not good with a word of another client beside it", async () => {
    const browser = new TestBrowser();
    const [honest, evil] = [
      await attacked.client(),
      await attacked.client({ redirect_uris: ["https://evil.example/cb"] }),
    ];
    const form = await honest.openConsent(browser);
    const answer = await browser.post(`${attacked.origin}/consent`, {
      request: form,
      decision: "deny",
      client_id: evil.id,
      redirect_uri: "https://evil.example/cb",
    });
    expect(locationOf(answer).origin).toBe("http://127.0.0.1:33418");
  });

  it.each<[string, (form: string, clientId: string) => string]>([
    ["changed in one character", (form) => `${form.slice(0, 80)}${form[80] === "A" ? "B" : "A"}${form.slice(81)}`],
    ["cut off", (form) => form.slice(0, -4)],
    ["that is a client id", (_form, clientId) => clientId],
  ])("%s is refused", async (_name, change) => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const form = change(await client.openConsent(browser), client.id);
    const answer = await client.answer(browser, form);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it("is good for an hour", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const form = await client.openConsent(browser);
    attacked.advance(3601);
    expect((await client.answer(browser, form)).status).toBe(400);
  });

  it("that is denied tells the client so, with state and issuer, and asks the provider nothing", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const before = providerLogins();
    const location = locationOf(await client.answer(browser, await client.openConsent(browser), "deny"));
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      error: "access_denied",
      state: "the state",
      iss: attacked.issuer,
    });
    expect(toProvider(location)).toBe(false);
    expect(providerLogins()).toBe(before);
  });

  it.each(["Allow", "yes", "allow ", "", "allowdeny"])("takes %j for no answer", async (decision) => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const answer = await client.answer(browser, await client.openConsent(browser), decision);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });
});

describe("the callback", () => {
  it("finishes a login once, in the browser that began it", async () => {
    const browser = new TestBrowser();
    const callback = await (await attacked.client()).reachCallback(browser);
    const cookies = new Map(browser.cookies);
    expect((await browser.get(callback)).status).toBe(302);
    for (const [name, value] of cookies) {
      browser.cookies.set(name, value);
    }
    const again = await browser.get(callback);
    expect([again.status, again.headers.get("location")]).toEqual([400, null]);
  });

  it("finishes no login after an hour", async () => {
    const browser = new TestBrowser();
    const callback = await (await attacked.client()).reachCallback(browser);
    attacked.advance(3601);
    const page = await (await browser.get(callback)).text();
    expect([page.includes("Login expired"), page.includes("code=")]).toEqual([true, false]);
  });

  it.each([
    "",
    "?",
    "?code=c",
    "?state=s",
    "?code=c&state=s",
    "?error=access_denied",
    "?state=__proto__&code=c",
    "?state=%00",
  ])("gives nothing for %j", async (query) => {
    const answer = await new TestBrowser().get(`${attacked.origin}/auth/callback${query}`);
    expect([400, 403]).toContain(answer.status);
    expect(answer.headers.get("location")).toBeNull();
  });
});
