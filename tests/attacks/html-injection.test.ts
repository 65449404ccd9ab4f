import { describe, expect, it } from "vitest";
import { register } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, McpClient, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

const PAYLOADS = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  "</title><iframe src=//evil.example>",
  "</code><form action=//evil.example><button>Allow</button></form>",
  "<base href=//evil.example/>",
  "<meta http-equiv=refresh content='0;url=//evil.example'>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "<%= 7*7 %>",
  "<!-- ",
  "<style>*{display:none}</style>",
];

/** Only the tags that our own pages have. */
function expectOwnMarkup(page: string): void {
  const tags = [...page.matchAll(/<\s*\/?\s*([a-z!?][\w-]*)/gi)].map(([, tag = ""]) => tag.toLowerCase());
  const own = ["!doctype", "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "a", "strong", "code"];
  const lists = ["dl", "div", "dt", "dd", "ul", "li", "bdi", "form", "input", "button", "footer", "header", "span"];
  const parts = ["h2", "fieldset", "legend", "label", "small", "b", "link", "details", "summary"];
  expect(tags.filter((tag) => ![...own, ...lists, ...parts].includes(tag))).toEqual([]);
  expect(page.match(/<form/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(page.match(/<style/g)?.length ?? 0).toBeLessThanOrEqual(1);
  for (const [tag] of page.matchAll(/<[a-z][^>]*>/gi)) {
    expect(tag).not.toMatch(/ (?:on\w+|http-equiv|style|src)=/i);
  }
}

const pageOf = async (url: URL | string) => (await new TestBrowser().get(url)).text();

describe("what a client says of itself is text in our pages:", () => {
  it.each(PAYLOADS)("the name %s", async (client_name) => {
    const client = await attacked.client({ client_name });
    const page = await pageOf(client.authorizeUrl());
    expectOwnMarkup(page);
    expect(page).not.toContain(client_name);
  });

  it.each([
    "https://client.example.com/'onmouseover='alert(1)",
    "https://client.example.com/%3Cscript%3E?a=%22&b='",
    "cursor://a/'-alert(1)-'",
  ])("the redirect URI %s", async (uri) => {
    const client = await attacked.client({ redirect_uris: [uri] });
    const page = await pageOf(client.authorizeUrl());
    expectOwnMarkup(page);
    expect(page).not.toContain(uri.includes("'") ? uri : "<script");
  });

  it.each([
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "contacts",
    "software_id",
    "software_version",
    "client_name#de",
  ])("%s is in no page at all", async (field) => {
    const value = "javascript:alert('marker-7f3a')";
    const client = await attacked.client({ [field]: field === "contacts" ? [value] : value });
    const page = await pageOf(client.authorizeUrl());
    expect(page).not.toContain("marker-7f3a");
  });
});

describe("what a request says is text in our pages:", () => {
  it.each([
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "resource",
    "response_type",
    "response_mode",
    "code_challenge",
  ])("%s at the authorization endpoint", async (name) => {
    const client = await attacked.client({ redirect_uris: ["https://client.example.com/cb"] });
    for (const payload of PAYLOADS) {
      const page = await pageOf(client.authorizeUrl({ [name]: payload }));
      expectOwnMarkup(page);
      expect(page).not.toMatch(/<script|<img|<svg|<iframe|<base/i);
    }
  });

  it.each(["code", "state", "error", "error_description", "error_uri"])("%s at the callback", async (name) => {
    for (const payload of PAYLOADS) {
      expectOwnMarkup(await pageOf(`${attacked.origin}/auth/callback?${new URLSearchParams({ [name]: payload })}`));
    }
  });

  it.each(["request", "decision"])("%s at the consent endpoint", async (name) => {
    for (const payload of PAYLOADS) {
      const answer = await new TestBrowser().post(`${attacked.origin}/consent`, { request: "x", [name]: payload });
      expectOwnMarkup(await answer.text());
    }
  });

  it("the name of a parameter that is repeated", async () => {
    const client = await attacked.client({ redirect_uris: ["https://client.example.com/cb"] });
    for (const payload of PAYLOADS) {
      const name = encodeURIComponent(payload);
      expectOwnMarkup(await pageOf(`${client.authorizeUrl()}&${name}=1&${name}=2`));
    }
  });

  it("a way back to the application is never a script", async () => {
    const client = await attacked.client({ redirect_uris: ["https://client.example.com/cb"] });
    const page = await pageOf(client.authorizeUrl({ state: '"><a href=javascript:alert(1)>', response_type: "token" }));
    const links = [...page.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href);
    expect(links).toHaveLength(1);
    expect(links[0]).toMatch(/^https:\/\/client\.example\.com\/cb\?/);
  });
});

describe("answers for programs can't be read as pages", () => {
  it.each([
    "/token",
    "/register",
    "/revoke",
    "/mcp",
    "/.well-known/oauth-authorization-server",
    "/<script>alert(1)</script>",
  ])("%s", async (path) => {
    const answer = await fetch(`${attacked.origin}${path}?x=<script>alert(1)</script>`, {
      headers: { Accept: "text/html" },
    });
    // The MCP endpoint has a page for people, made from the configuration alone.
    expect(answer.headers.get("content-type")).toMatch(path === "/mcp" ? /^text\/html/ : /^application\/json/);
    const text = await answer.text();
    expect(text).not.toContain("<script>");
  });

  it("a registration that is refused quotes nothing that could be markup in a header or a log line", async () => {
    const { body } = await register(addressOf(attacked.server), { redirect_uris: ['"><script>\r\n'] });
    expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
  });

  it("an unknown client gets JSON or a page without the id that it sent", async () => {
    const client = new McpClient(addressOf(attacked.server));
    client.id = "<script>marker-91c2</script>";
    for (const accept of ["application/json", "text/html"]) {
      const answer = await fetch(client.authorizeUrl(), { headers: { accept }, redirect: "manual" });
      expect(await answer.text()).not.toContain("marker-91c2");
    }
  });
});
