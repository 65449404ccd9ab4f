import { describe, expect, it } from "vitest";
import { formOf } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, McpClient, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

async function pages(): Promise<Response[]> {
  const browser = new TestBrowser();
  const client = await attacked.client();
  const form = await client.openConsent(browser);
  browser.cookies.clear();
  return Promise.all([
    browser.get(client.authorizeUrl()),
    client.answer(browser, form),
    browser.get(`${attacked.origin}/authorize`),
    browser.get(`${attacked.origin}/auth/callback?code=c&state=s`),
    browser.get(client.authorizeUrl({ redirect_uri: "https://evil.example/" })),
  ]);
}

describe("every page of ours", () => {
  it("can't be framed", async () => {
    for (const page of await pages()) {
      expect(page.headers.get("x-frame-options")).toBe("DENY");
      expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  });

  it("runs no script and loads nothing from elsewhere", async () => {
    for (const page of await pages()) {
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script-src|unsafe-inline|unsafe-eval|\*/);
      const markup = (await page.text()).replace(/<link rel="icon" href="data:[^"]*">/, "");
      expect(markup).not.toMatch(/<script|<iframe|<img|<link|\son\w+=|style="/i);
    }
  });

  it("is kept by no cache, tells no other site its address, and is what it says", async () => {
    for (const page of await pages()) {
      expect(page.headers.get("cache-control")).toContain("no-store");
      expect(page.headers.get("referrer-policy")).toBe("no-referrer");
      expect(page.headers.get("x-content-type-options")).toBe("nosniff");
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    }
  });

  it("is out of reach of other sites' scripts", async () => {
    const client = await attacked.client();
    for (const url of [client.authorizeUrl(), new URL("/auth/callback?state=s", attacked.origin)]) {
      const answer = await fetch(url, { headers: { Origin: "https://evil.example" } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });
});

describe("another site that posts the consent form", () => {
  it("without the user's cookie, as SameSite=Lax has it, approves nothing", async () => {
    const client = await attacked.client();
    const form = await client.openConsent(new TestBrowser());
    const answer = await client.answer(new TestBrowser(), form);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
  });

  it("with a form that the attacker was shown approves nothing in the user's browser", async () => {
    const user = new TestBrowser();
    const client = await attacked.client();
    await client.openConsent(user);
    const stolen = await client.openConsent(new TestBrowser());
    const answer = await client.answer(user, stolen);
    expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
  });

  it("with a cookie of the attacker's beside the user's, from a subdomain, is asked again", async () => {
    const attacker = new TestBrowser();
    const client = await attacked.client();
    const form = await client.openConsent(attacker);
    const [name = "", value] = [...attacker.cookies][0] ?? [];
    for (const cookie of [
      `${name}=${value}; ${name}=${"u".repeat(22)}`,
      `${name}=${"u".repeat(22)}; ${name}=${value}`,
    ]) {
      const answer = await fetch(`${attacked.origin}/consent`, {
        method: "POST",
        headers: { Cookie: cookie },
        body: new URLSearchParams({ request: form, decision: "allow" }),
        redirect: "manual",
      });
      expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
    }
  });

  it.each(["GET", "PUT", "DELETE", "HEAD"])("can't use %s for it", async (method) => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const query = new URLSearchParams({ request: await client.openConsent(browser), decision: "allow" });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(`${attacked.origin}/consent?${query}`, {
      method,
      headers: { cookie },
      redirect: "manual",
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([405, null]);
  });

  it("can't send the answer in the query of a POST, or as JSON or text", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    const fields = { request: await client.openConsent(browser), decision: "allow" };
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const [type, body, query] of [
      ["application/x-www-form-urlencoded", "", `?${new URLSearchParams(fields)}`],
      ["application/json", JSON.stringify(fields), ""],
      ["text/plain", String(new URLSearchParams(fields)), ""],
    ]) {
      const answer = await fetch(`${attacked.origin}/consent${query}`, {
        method: "POST",
        headers: { cookie, "Content-Type": type ?? "" },
        body: body ?? "",
        redirect: "manual",
      });
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    }
  });

  it("gets a new form each time, each for one browser", async () => {
    const client = await attacked.client();
    const url = client.authorizeUrl();
    const forms = await Promise.all([1, 2, 3].map(async () => formOf(await (await new TestBrowser().get(url)).text())));
    expect(new Set(forms).size).toBe(3);
  });
});

describe("cookies", () => {
  it("are HttpOnly, SameSite=Lax, of this host alone, and random", async () => {
    const client = await attacked.client();
    const lines = await Promise.all(
      [1, 2, 3].map(async () => (await fetch(client.authorizeUrl())).headers.getSetCookie()),
    );
    for (const [line = ""] of lines) {
      expect(line).toMatch(/^mcp-browser-[\w-]{12}=[\w-]{22,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    }
    expect(new Set(lines.flat()).size).toBe(3);
  });

  it("on https are Secure and __Host-, and the unprefixed name is not read there", async () => {
    const secure = await attacked.launch({ baseUrl: "https://mcp.example.com" });
    const client = await McpClient.register(addressOf(secure));
    const ask = (cookie: string) =>
      fetch(client.authorizeUrl({ resource: undefined }), { headers: { cookie } }).then(
        (answer) => answer.headers.getSetCookie()[0] ?? "",
      );
    const line = await ask("");
    expect(line).toMatch(/^__Host-mcp-browser-/);
    expect(line).toMatch(/; Secure$/);
    expect(line).not.toMatch(/Domain/i);
    const chosen = "c".repeat(22);
    const name = line.slice(0, line.indexOf("="));
    expect(await ask(`${name}=${chosen}`)).toContain(chosen);
    expect(await ask(`${name.replace("__Host-", "")}=${chosen}`)).not.toContain(chosen);
    await secure.close();
  });

  it("of a browser with many logins do not grow beyond what a server reads", async () => {
    const browser = new TestBrowser();
    const client = await attacked.client();
    for (let login = 0; login < 20; login++) {
      await client.answer(browser, await client.openConsent(browser, { state: "s".repeat(300) }));
    }
    expect([...browser.cookies].join("").length).toBeLessThan(6 * 1024);
  });
});
