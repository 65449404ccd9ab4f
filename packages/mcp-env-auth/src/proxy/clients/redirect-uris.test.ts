import { describe, expect, it } from "vitest";
import { isRegistered, parseRedirectUri, type RedirectUri } from "./redirect-uris.ts";

function parse(uri: string): RedirectUri {
  const parsed = parseRedirectUri(uri);
  if ("problem" in parsed) {
    throw new Error(`${uri} ${parsed.problem}`);
  }
  return parsed;
}

describe("Security rule 4: what a redirect URI may look like", () => {
  it.each([
    ["https://claude.ai/api/mcp/auth_callback", "web"],
    ["https://chatgpt.com/connector_platform_oauth_redirect", "web"],
    ["https://vscode.dev/redirect?source=mcp", "web"],
    ["https://client.example.com:8443/cb", "web"],
    ["https://client.example.com", "web"],
    ["https://xn--bcher-kva.example/cb", "web"],
    ["http://127.0.0.1/callback", "loopback"],
    ["http://127.0.0.1:33418/", "loopback"],
    ["http://localhost:6274/oauth/callback", "loopback"],
    ["http://[::1]:5000/cb", "loopback"],
    ["https://localhost:8443/cb", "loopback"],
    ["http://app.localhost:3000/cb", "loopback"],
    ["http://a.b.LOCALHOST/cb", "loopback"],
    ["cursor://anysphere.cursor-retrieval/oauth/user-1/callback", "private"],
    ["vscode://vscode.mcp/callback", "private"],
    ["com.example.app:/oauth/callback", "private"],
  ])("takes %s as %s", (uri, kind) => {
    expect(parseRedirectUri(uri)).toMatchObject({ uri, kind });
  });

  it.each([
    ["javascript:alert(1)", "scheme"],
    ["JavaScript:alert(1)", "scheme"],
    ["javascript://client.example.com/%0aalert(1)", "scheme"],
    ["data:text/html,hello", "scheme"],
    ["data://text/html", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["vbscript:msgbox(1)", "scheme"],
    ["about:blank", "scheme"],
    ["blob:https://client.example.com/1", "scheme"],
    ["filesystem:https://client.example.com/1", "scheme"],
    ["view-source:https://client.example.com/", "scheme"],
    ["ftp://client.example.com/cb", "scheme"],
    ["ws://127.0.0.1/cb", "scheme"],
    ["ms-msdt:/id%20PCWDiagnostic", "scheme"],
    ["MS-Word:ofe%7Cu%7Chttps://evil.example", "scheme"],
    ["microsoft-edge:https://evil.example", "scheme"],
    ["steam://run/1", "scheme"],
    ["chrome-extension://abc/x", "scheme"],
    ["intent://scan/#Intent", "fragment"],
    ["http://client.example.com/cb", "https"],
    ["http://localhost.example.com/cb", "https"],
    ["http://localhost./cb", "https"],
    ["http://app.localhost./cb", "https"],
    ["http://applocalhost/cb", "https"],
    ["http://.localhost/cb", "https"],
    ["http://app.localhost.example.com/cb", "https"],
    ["http://client.example.com/cb", "even if ALLOWED_CLIENT_REDIRECT_URIS lists it"],
    ["http://127.0.0.2/cb", "https"],
    ["http://0.0.0.0/cb", "https"],
    ["http://127.1/cb", "unusual spelling"],
    ["http://0x7f.0.0.1/cb", "unusual spelling"],
    ["http://2130706433/cb", "unusual spelling"],
    ["http://[0:0:0:0:0:0:0:1]/cb", "unusual spelling"],
    ["http://localhost@evil.example/cb", "user information"],
    ["https://user:password@client.example.com/cb", "user information"],
    ["cursor://someone@anysphere/cb", "user information"],
    ["https://client.example.com/cb#", "fragment"],
    ["https://client.example.com/cb#part", "fragment"],
    ["https://client.example.com/a/../cb", "dot segments"],
    ["https://client.example.com/a/./cb", "dot segments"],
    ["https://client.example.com/a/%2e%2e/cb", "dot segments"],
    ["https://client.example.com/a/.%2E/cb", "dot segments"],
    ["https://client.example.com/a/%2e", "dot segments"],
    ["com.example.app:/a/../b", "dot segments"],
    ["https://client.example.com\\@evil.example/cb", "characters"],
    ["https://client.example.com/a%5c..%5cb", "backslash"],
    ["https://client.example.com/cb\r\nSet-Cookie: a=b", "characters"],
    ["https://client.example.com/c b", "characters"],
    ["https://client.example.com/\u0000", "characters"],
    ["https://client.example.com/<script>", "characters"],
    ['https://client.example.com/"onload', "characters"],
    ["https://b\u00fccher.example/cb", "characters"],
    ["https:client.example.com/cb", "no host"],
    ["https:///cb", "unusual spelling"],
    ["https://client.example.com:99999/cb", "host or port"],
    ["https://client.example.com:/cb", "host or port"],
    ["https://client.example.com:8o/cb", "host or port"],
    ["https://%63lient.example.com/cb", "host or port"],
    ["https://client.example.com/cb?iss=https%3A%2F%2Fevil.example", "iss"],
    ["https://client.example.com/cb?code=1", "code"],
    ["https://client.example.com/cb?a=1&state=2", "state"],
    ["/relative", "absolute"],
    ["client.example.com/cb", "absolute"],
    ["", "characters"],
    ["*", "absolute"],
    [`https://client.example.com/${"a".repeat(600)}`, "longer"],
  ])("refuses %j: %s", (uri, reason) => {
    expect(parseRedirectUri(uri)).toEqual({ problem: expect.stringContaining(reason) });
  });
});

describe("Security rule 4: a redirect URI is exactly a registered one, but for the port of a loopback host", () => {
  it.each([
    ["https://client.example.com/cb", "https://client.example.com/cb"],
    ["http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"],
    ["http://127.0.0.1:1/cb", "http://127.0.0.1/cb"],
    ["http://localhost/cb", "http://localhost:3/cb"],
    ["http://[::1]:4/cb?a=b", "http://[::1]:5/cb?a=b"],
  ])("%s is the registered %s", (requested, registered) => {
    expect(isRegistered(parse(requested), ["https://other.example.com/", registered])).toBe(true);
  });

  it.each([
    ["https://client.example.com/cb/", "https://client.example.com/cb"],
    ["https://client.example.com/cb/more", "https://client.example.com/cb"],
    ["https://client.example.com/CB", "https://client.example.com/cb"],
    ["https://client.example.com/cb?a=b", "https://client.example.com/cb"],
    ["https://client.example.com:8443/cb", "https://client.example.com/cb"],
    ["https://client.example.com:443/cb", "https://client.example.com/cb"],
    ["https://evil.client.example.com/cb", "https://client.example.com/cb"],
    ["https://client.example.com.evil.example/cb", "https://client.example.com/cb"],
    ["https://127.0.0.1:1/cb", "http://127.0.0.1:1/cb"],
    ["http://localhost:1/cb", "http://127.0.0.1:1/cb"],
    ["http://127.0.0.1:1/other", "http://127.0.0.1:1/cb"],
    ["http://127.0.0.1:1/cb?a=c", "http://127.0.0.1:1/cb?a=b"],
    ["cursor://host:1/cb", "cursor://host:2/cb"],
  ])("%s is not the registered %s", (requested, registered) => {
    expect(isRegistered(parse(requested), [registered])).toBe(false);
  });
});
