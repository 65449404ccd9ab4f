import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRegistered, parseRedirectUri } from "../../packages/mcp-env-auth/src/proxy/clients/redirect-uris.ts";
import { register, TestBrowser } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { addressOf, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

describe("a redirect URI is refused at registration:", () => {
  it.each([
    ["a script", "javascript:alert(document.cookie)"],
    ["a script in disguise", "JaVaScRiPt://client.example.com/%0aalert(1)"],
    ["a document", "data:text/html;base64,PHNjcmlwdD4="],
    ["a file", "file:///etc/passwd"],
    ["VBScript", "vbscript:msgbox(1)"],
    ["a blob", "blob:https://client.example.com/0"],
    ["an intent", "intent://scan/"],
    ["a search of the system", "search-ms:query=x"],
    ["plain http on the internet", "http://client.example.com/cb"],
    ["a user that looks like this computer", "http://localhost@evil.example/cb"],
    ["a user with a password", "https://claude.ai:x@evil.example/cb"],
    ["a name that begins like this computer", "http://localhost.evil.example/cb"],
    ["this computer in decimal", "http://2130706433/cb"],
    ["this computer in hexadecimal", "http://0x7f000001/cb"],
    ["this computer in octal", "http://0177.0.0.1/cb"],
    ["every address of this computer", "http://0.0.0.0/cb"],
    ["an IPv4-mapped address", "http://[::ffff:127.0.0.1]/cb"],
    ["a fragment", "https://client.example.com/cb#x"],
    ["an empty fragment", "https://client.example.com/cb#"],
    ["dot segments", "https://client.example.com/a/../cb"],
    ["encoded dot segments", "https://client.example.com/a/%2e%2E/cb"],
    ["a backslash for a slash", "https://client.example.com\\@evil.example/cb"],
    ["a line break", "https://client.example.com/cb\r\nSet-Cookie: a=b"],
    ["a null", "https://client.example.com/\u0000"],
    ["letters that look like others", "https://clіent.example.com/cb"],
    ["a full-width dot", "https://client。example.com/cb"],
    ["a relative one", "/cb"],
    ["one without a scheme", "//evil.example/cb"],
    ["a wildcard for a host", "https://*.example.com/cb"],
    ["a code of its own", "https://client.example.com/cb?code=mine"],
    ["an issuer of its own", "https://client.example.com/cb?iss=https://evil.example"],
    ["one of 10,000 characters", `https://client.example.com/${"a".repeat(10_000)}`],
  ])("%s", async (_name, uri) => {
    const { status, body } = await register(addressOf(attacked.server), { redirect_uris: [uri] });
    expect([status, body.error]).toEqual([400, "invalid_redirect_uri"]);
  });
});

describe("a request with another redirect URI than the registered one is answered here, and redirects nowhere:", () => {
  const REGISTERED = "https://client.example.com/cb?tenant=1";

  it.each([
    ["another host", "https://evil.example/cb?tenant=1"],
    ["a subdomain", "https://a.client.example.com/cb?tenant=1"],
    ["a longer host", "https://client.example.com.evil.example/cb?tenant=1"],
    ["another scheme", "http://client.example.com/cb?tenant=1"],
    ["a port", "https://client.example.com:8443/cb?tenant=1"],
    ["the default port", "https://client.example.com:443/cb?tenant=1"],
    ["a slash at the end", "https://client.example.com/cb/?tenant=1"],
    ["a longer path", "https://client.example.com/cb/evil?tenant=1"],
    ["another case", "https://client.example.com/CB?tenant=1"],
    ["a host in another case", "https://CLIENT.example.com/cb?tenant=1"],
    ["another query", "https://client.example.com/cb?tenant=2"],
    ["more query", "https://client.example.com/cb?tenant=1&x=1"],
    ["no query", "https://client.example.com/cb"],
    ["an encoded path", "https://client.example.com/c%62?tenant=1"],
    ["a user", "https://client.example.com@evil.example/cb?tenant=1"],
    ["a space at the end", "https://client.example.com/cb?tenant=1 "],
    ["a script", "javascript:alert(1)"],
  ])("%s", async (_name, redirect_uri) => {
    const client = await attacked.client({ redirect_uris: [REGISTERED] });
    for (const accept of ["text/html", "application/json"]) {
      const answer = await fetch(client.authorizeUrl({ redirect_uri }), { redirect: "manual", headers: { accept } });
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
      expect(await answer.text()).not.toContain("evil.example");
    }
  });

  it.each([
    ["another loopback host", "http://localhost:33418/callback"],
    ["the same in IPv6", "http://[::1]:33418/callback"],
    ["another path", "http://127.0.0.1:33418/other"],
    ["https", "https://127.0.0.1:33418/callback"],
    ["another address of this computer", "http://127.0.0.2:33418/callback"],
    ["a port that is none", "http://127.0.0.1:99999/callback"],
  ])("on loopback, %s", async (_name, redirect_uri) => {
    const client = await attacked.client({ redirect_uris: ["http://127.0.0.1:33418/callback"] });
    const answer = await fetch(client.authorizeUrl({ redirect_uri }), { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });

  it("at the token endpoint too, for a code that is good", async () => {
    const client = await attacked.client({ redirect_uris: ["http://127.0.0.1:1/cb", "http://127.0.0.1:1/other"] });
    const redirect = await client.authorize();
    const code = redirect.searchParams.get("code") ?? "";
    const { status, body } = await client.redeem(code, { redirect_uri: "http://127.0.0.1:1/other" });
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
  });
});

describe("an error is no way to send people elsewhere", () => {
  it("a page, not a redirect, stands between a browser and an address on the internet", async () => {
    const client = await attacked.client({ redirect_uris: ["https://phishing.example/cb"] });
    const answer = await new TestBrowser().get(client.authorizeUrl({ response_type: "token" }));
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
  });
});

describe("redirect matching (property)", () => {
  const uri = fc
    .record({
      scheme: fc.constantFrom("http", "https", "cursor"),
      host: fc.constantFrom("127.0.0.1", "localhost", "[::1]", "client.example.com", "a.client.example.com"),
      port: fc.option(fc.integer({ min: 1, max: 65_535 })),
      path: fc.stringMatching(/^(\/[a-zA-Z0-9_~-]{0,5}){0,3}$/),
      query: fc.constantFrom("", "?a=1", "?a=2"),
    })
    .map(
      ({ scheme, host, port, path, query }) => `${scheme}://${host}${port === null ? "" : `:${port}`}${path}${query}`,
    );

  it("accepts exactly the registered string, or on loopback the same one at another port", () => {
    fc.assert(
      fc.property(uri, uri, (requested, registered) => {
        const parsed = parseRedirectUri(requested);
        fc.pre("uri" in parsed);
        const withoutPort = (text: string) => text.replace(/^(\w+:\/\/(?:127\.0\.0\.1|localhost|\[::1\])):\d+/, "$1");
        const same = requested === registered || withoutPort(requested) === withoutPort(registered);
        const portMatters = !/^\w+:\/\/(127\.0\.0\.1|localhost|\[::1\])/.test(requested);
        expect(isRegistered(parsed, [registered])).toBe(portMatters ? requested === registered : same);
      }),
      { numRuns: 500 },
    );
  });

  it("never takes what a browser reads as another host than the one that is shown", () => {
    const text = fc.oneof(
      uri,
      fc.string({ unit: "binary-ascii", maxLength: 40 }).map((rest) => `https://client.example.com${rest}`),
      fc.string({ unit: "grapheme", maxLength: 40 }).map((rest) => `http://localhost${rest}`),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const parsed = parseRedirectUri(candidate);
        if ("problem" in parsed || parsed.kind === "private") {
          return;
        }
        const read = new URL(candidate);
        expect(read.hostname).toBe(parsed.host.toLowerCase());
        expect([read.username, read.password, read.hash]).toEqual(["", "", ""]);
        if (read.protocol === "http:") {
          expect(["127.0.0.1", "localhost", "[::1]"]).toContain(read.hostname);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
