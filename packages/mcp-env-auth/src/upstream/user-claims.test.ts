import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AccessToken } from "../access-token.ts";
import { ToolError } from "../errors.ts";
import { createUserClaims } from "./user-claims.ts";

const token = (changes: Partial<AccessToken> = {}): AccessToken => ({
  token: "provider-token-1",
  clientId: "c",
  scopes: [],
  expiresAt: 1000,
  claims: { sub: "alice" },
  subject: "alice",
  ...changes,
});

async function start(answer: (asked: number, authorization: string) => object | number) {
  const time = { now: 0 };
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(request.headers.authorization ?? "");
    const found = answer(seen.length, request.headers.authorization ?? "");
    response.writeHead(typeof found === "number" ? found : 200, { "content-type": "application/json" });
    response.end(typeof found === "number" ? "{}" : JSON.stringify(found));
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const ask = createUserClaims({
    endpoint: () => `http://127.0.0.1:${port}/userinfo`,
    scopesVariable: "REQUIRED_SCOPES",
    clock: () => time.now,
  });
  return { ask, seen, time };
}

describe("what the provider tells of a user", () => {
  it("is asked with the user's token, once for each, also by calls at the same moment", async () => {
    const { ask, seen, time } = await start((_asked, authorization) =>
      authorization.endsWith("2") ? { sub: "bob", name: "Bob" } : { sub: "alice", name: "Alice" },
    );
    const bob = token({ token: "provider-token-2", claims: { sub: "bob" }, subject: "bob" });
    const answers = await Promise.all([ask(token()), ask(token()), ask(bob)]);
    expect(answers.map((answer) => answer?.name)).toEqual(["Alice", "Alice", "Bob"]);
    expect(await ask(token())).toMatchObject({ name: "Alice" });
    expect(seen.sort()).toEqual(["Bearer provider-token-1", "Bearer provider-token-2"]);
    time.now = 1001;
    await ask(token({ expiresAt: 2000 }));
    expect(seen).toHaveLength(3);
  });

  it.each([
    ["another user", { sub: "bob", name: "Bob" }],
    ["nobody", { name: "Bob" }],
    ["a number", { sub: 1 }],
  ])("is refused where it is about %s", async (_who, answer) => {
    const { ask } = await start(() => answer);
    await expect(ask(token())).rejects.toThrow("about another user");
  });

  it("is held to the provider's name of the user, whatever this server calls them", async () => {
    const { ask } = await start(() => ({ sub: "alice", name: "Alice" }));
    expect(await ask(token({ subject: "alice@example.com" }))).toMatchObject({ name: "Alice" });
    await expect(ask(token({ token: "other", claims: {}, subject: "bob" }))).rejects.toThrow("about another user");
    expect(await ask(token({ token: "third", claims: {}, subject: "alice" }))).toMatchObject({ name: "Alice" });
  });

  it("is asked again after a failure, and says what to set", async () => {
    const { ask, seen } = await start((asked) => (asked === 1 ? 401 : asked === 2 ? 503 : { sub: "alice" }));
    await expect(ask(token())).rejects.toThrow(/openid, profile and email: add them to REQUIRED_SCOPES/);
    await expect(ask(token())).rejects.toThrow(ToolError);
    expect(await ask(token())).toEqual({ sub: "alice" });
    expect(seen).toHaveLength(3);
  });

  it.each(["name", "email", "picture"])(
    "is left to the token where it is refused and the token has a %s",
    async (claim) => {
      const { ask, seen } = await start((asked) => (asked === 2 ? 503 : 401));
      const entra = token({ claims: { sub: "alice", [claim]: "Alice" } });
      expect(await ask(entra)).toBeUndefined();
      // An outage is no refusal.
      await expect(ask(entra)).rejects.toThrow(ToolError);
      expect(seen).toHaveLength(2);
    },
  );

  it("is left to the token where there is nothing to ask", async () => {
    const ask = createUserClaims({ endpoint: () => undefined, scopesVariable: "X", clock: () => 0 });
    expect(await ask(token({ claims: { sub: "alice", name: "Alice" } }))).toBeUndefined();
  });
});
