import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { startInProcess, until } from "./support/in-process.ts";

async function tenant(): Promise<DevAuth0> {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  return auth0;
}

describe("until the identity provider is known", () => {
  it("a call without a token is challenged at once and the metadata is served", async () => {
    const auth0 = await tenant();
    auth0.misbehave({ discovery: "down" });
    const server = await startInProcess({ auth0 });
    const challenge = await server.call(undefined);
    expect(challenge.status).toBe(401);
    const metadataUrl = /resource_metadata="([^"]+)"/.exec(challenge.headers.get("www-authenticate") ?? "")?.[1];
    const metadata = (await (await fetch(metadataUrl ?? "")).json()) as {
      resource: string;
      authorization_servers: string[];
    };
    expect(metadata.resource).toBe(server.url);
    const [issuer = ""] = metadata.authorization_servers;
    const described = (await (await fetch(`${issuer}.well-known/oauth-authorization-server`)).json()) as {
      issuer: string;
    };
    expect(described.issuer).toBe(issuer);
  });

  it.each(["down", "hanging", { status: 500 }, { status: 503 }, { status: 429 }] as const)(
    "a call with a token, /authorize, /token and /readyz answer 503 (discovery: %j)",
    async (fault) => {
      const auth0 = await tenant();
      auth0.misbehave({ discovery: fault });
      const { origin, call } = await startInProcess({ auth0 });
      const registered = await fetch(`${origin}/register`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:1/callback"] }),
      });
      expect(registered.status).toBe(201);
      const { client_id } = (await registered.json()) as { client_id: string };
      const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "x", client_id });
      const authorize = new URLSearchParams({ client_id, redirect_uri: "http://127.0.0.1:1/callback" });
      const answers = [
        await call("some-token"),
        await fetch(`${origin}/authorize?${authorize}`),
        await fetch(`${origin}/token`, { method: "POST", body: form }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      expect((await fetch(`${origin}/readyz`)).status).toBe(503);
      expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    },
  );

  it.each([{ status: 404 }, { status: 403 }, "html"] as const)(
    "something that answers in its place (%j) is a warning at once, named by 503 answers, and passes",
    async (fault) => {
      const auth0 = await tenant();
      auth0.misbehave({ discovery: fault });
      const server = await startInProcess({ auth0, env: { FASTMCP_START_PATIENCE: "60" } });
      const found = fault === "html" ? "answered with a web page" : `answered ${fault.status}`;
      const warnings = () =>
        server.lines.flatMap(({ level, message }) => (level === "warn" && message.includes(found) ? [message] : []));
      await until(() => warnings().length > 0);
      expect(warnings()[0]).toContain("FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL");
      const answer = await server.call("some-token");
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain(`not connected to its identity provider yet (its address ${found}`);
      await auth0.restore();
      await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
      const { access_token } = await server.getTokens();
      expect((await server.call(access_token)).status).toBe(200);
    },
  );

  it("it is tried again in the background, and the log says what to check", async () => {
    const auth0 = await tenant();
    auth0.misbehave({ discovery: { status: 500 } });
    const server = await startInProcess({ auth0 });
    await until(() =>
      server.lines.some(
        ({ level, message }) => level === "warn" && message.includes("FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL"),
      ),
    );
    await auth0.restore();
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const { access_token } = await server.getTokens();
    expect((await server.call(access_token)).status).toBe(200);
  });
});

describe("once it is known", () => {
  it("its going down does not disturb calls with valid tokens", async () => {
    const auth0 = await tenant();
    const server = await startInProcess({ auth0 });
    const { access_token } = await server.getTokens();
    await auth0.goOffline();
    const answer = await server.call(access_token);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("auth0|alice");
  });

  it("a wrong client secret is reported at the start, by the variable to correct and without its value", async () => {
    const auth0 = await tenant();
    const secret = "this-is-not-the-client-secret";
    const server = await startInProcess({ auth0, env: { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: secret } });
    await until(() => server.lines.some(({ level }) => level === "error"));
    const line = server.lines.find(({ level }) => level === "error");
    expect(line?.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET");
    expect(JSON.stringify(server.lines)).not.toContain(secret);
  });

  it("a Single Page Application, which takes no secret, works with the same variables as a regular web application", async () => {
    const auth0 = await startDevAuth0({ applications: [{ clientId: "spa", type: "spa" }] });
    onTestFinished(() => auth0.close());
    const env = { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "the-secret-that-auth0-shows-all-the-same" };
    const server = await startInProcess({ auth0, env });
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const { form, exchange } = await server.getCode();
    const tokens = (await (await exchange()).json()) as Record<string, string>;
    expect((await server.call(tokens.access_token)).status).toBe(200);
    const { client_id = "" } = form;
    const { refresh_token = "" } = tokens;
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token, client_id });
    const refreshed = (await (await fetch(`${server.origin}/token`, { method: "POST", body })).json()) as Record<
      string,
      string
    >;
    expect((await server.call(refreshed.access_token)).status).toBe(200);
  });
});
