import { describe, expect, it } from "vitest";
import { McpClient, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();

/** All that an answer tells, but for what differs each time. */
async function toldBy(answer: Response): Promise<unknown> {
  const headers = [...answer.headers].filter(([name]) => !["date", "connection", "keep-alive"].includes(name));
  const text = await answer.text();
  return [answer.status, headers, text.replace(/<code dir="ltr">[0-9a-f]{10}<\/code>/, "(reference)")];
}

async function expectSame(answers: readonly Promise<Response>[]): Promise<void> {
  const [first, ...others] = await Promise.all(answers.map(async (answer) => toldBy(await answer)));
  for (const other of others) {
    expect(other).toEqual(first);
  }
}

const post = (path: string, fields: Record<string, string>) =>
  fetch(`${attacked.origin}${path}`, { method: "POST", body: new URLSearchParams(fields) });

const damaged = (token: string) => `${token.slice(0, 100)}${token[100] === "A" ? "B" : "A"}${token.slice(101)}`;

describe("an answer does not tell what exists", () => {
  it("a refresh token of another client looks like one that is damaged, invented or a code", async () => {
    const { refreshToken } = await attacked.login();
    const attacker = await attacked.client();
    const code = (await attacker.authorize()).searchParams.get("code") ?? "";
    const guess = (refresh_token: string) =>
      post("/token", { grant_type: "refresh_token", client_id: attacker.id, refresh_token });
    await expectSame([refreshToken, damaged(refreshToken), "invented", code].map(guess));
  });

  it("a code of another client looks like one that is damaged or invented", async () => {
    const [victim, attacker] = [await attacked.client(), await attacked.client()];
    const code = (await victim.authorize()).searchParams.get("code") ?? "";
    const guess = (stolen: string) =>
      post("/token", {
        grant_type: "authorization_code",
        client_id: attacker.id,
        code: stolen,
        code_verifier: "v".repeat(43),
      });
    await expectSame([code, damaged(code), "invented"].map(guess));
  });

  it("a token of another client looks revoked like one that was never there", async () => {
    const { accessToken, refreshToken } = await attacked.login();
    const { id } = await attacked.client();
    await expectSame([accessToken, refreshToken, "invented"].map((token) => post("/revoke", { client_id: id, token })));
  });

  it("a damaged client id looks like an invented one, at every endpoint", async () => {
    const { id } = await attacked.client();
    const ids = [damaged(id), "invented", "x".repeat(5000)];
    await expectSame(
      ids.map((client_id) => post("/token", { grant_type: "refresh_token", client_id, refresh_token: "x" })),
    );
    await expectSame(ids.map((client_id) => post("/revoke", { client_id, token: "x" })));
    const authorize = (client_id: string) => {
      const client = new McpClient({ address: attacked.origin, options: { resource: attacked.resource } });
      client.id = client_id;
      return fetch(client.authorizeUrl(), { redirect: "manual" });
    };
    await expectSame(ids.map(authorize));
  });

  it("a wrong secret looks like none", async () => {
    const { id } = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
    const guess = (secret: Record<string, string>) =>
      post("/token", { grant_type: "refresh_token", refresh_token: "x", client_id: id, ...secret });
    await expectSame([{}, { client_secret: "wrong" }, { client_secret: "A".repeat(43) }].map(guess));
  });

  it("a bearer token that is damaged looks like one of another kind, and like one of the provider's", async () => {
    const { accessToken, refreshToken } = await attacked.login();
    const tokens = [damaged(accessToken), refreshToken, "invented", await attacked.auth0.issueAccessToken()];
    await expectSame(tokens.map((token) => attacked.server.call(token)));
  });

  it("a callback with the state of another browser's login looks like one with an invented state", async () => {
    const client = await attacked.client();
    const callback = await client.reachCallback(new TestBrowser());
    const invented = new URL(callback);
    invented.searchParams.set("state", "i".repeat(22));
    await expectSame([callback, invented].map((url) => new TestBrowser().get(url)));
  });

  it("a tool that is forbidden and one that is not there are told apart by nobody without a token", async () => {
    const call = (name: string) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } });
    await expectSame(["whoami", "none"].map((name) => attacked.server.call(undefined, call(name))));
  });
});

describe("an answer does not tell what is inside", () => {
  it("no header names the software", async () => {
    for (const path of ["/mcp", "/authorize", "/none", "/healthz"]) {
      const { headers } = await fetch(`${attacked.origin}${path}`);
      for (const name of ["x-powered-by", "server", "via", "etag"]) {
        expect(headers.get(name)).toBeNull();
      }
    }
  });

  it("no error has a stack, a path or a module in it", async () => {
    const answers = await Promise.all([
      fetch(`${attacked.origin}/register`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: '{"redirect_uris": [',
      }),
      fetch(`${attacked.origin}/authorize?client_id=%E0%A4%A`),
      fetch(`${attacked.origin}/%E0%A4%A`),
      fetch(`${attacked.origin}/token`, {
        method: "POST",
        headers: { "Content-Type": "text/plain; charset=utf-99" },
        body: "a",
      }),
      fetch(`${attacked.origin}/token`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-99" },
        body: "a=b",
      }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(await answer.text()).not.toMatch(/ at |node_modules|\.[jt]s:|Error:/);
    }
  });
});
