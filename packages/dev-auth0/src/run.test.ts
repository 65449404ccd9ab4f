import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { USAGE } from "./cli-options.ts";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { run } from "./run.ts";
import { logIn, refresh, requestToken } from "./testing/browser.ts";

const open: DevAuth0[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((auth0) => auth0.close()));
});

async function runCommand(...args: string[]) {
  let out = "";
  let error = "";
  const outcome = await run(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  if ("auth0" in outcome) {
    open.push(outcome.auth0);
  }
  return { outcome, out: () => out, error };
}

describe("the dev-auth0 command", () => {
  test("prints the .env of a server, the users and what it is for, then its requests without their parameters", async () => {
    const { outcome, out } = await runCommand("--port", "0", "--client-id", "me", "--client-secret", "mine");
    if (!("auth0" in outcome)) {
      throw new Error("Expected to serve.");
    }
    const { auth0 } = outcome;
    expect(out()).toContain(
      `
FASTMCP_SERVER_AUTH=fastmcp.server.auth.providers.auth0.Auth0Provider
FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL=${auth0.issuer}.well-known/openid-configuration
FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID=me
FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET=mine
FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE=https://weather.example.com/api
FASTMCP_SERVER_AUTH_AUTH0_BASE_URL=http://localhost:8000
`,
    );
    expect(out()).toContain("For development only");
    expect(out()).toContain("  alice   weather:read, weather:write\n");
    expect(out()).toContain("  carol   no permissions\n");
    expect(out()).toContain("  dave    weather:read; org_acme\n");

    await fetch(`${auth0.issuer}authorize?client_id=me&code=hidden`);
    expect(out().endsWith("\nGET /authorize 400\n")).toBe(true);
  });

  test("ends with 2 when it is called wrongly", async () => {
    const { outcome, error } = await runCommand("--nope");
    expect(outcome).toEqual({ exitCode: 2 });
    expect(error).toContain("Unknown option '--nope'");
    expect(error).toContain("dev-auth0 --help");
  });

  test("ends with 1 and a sentence when the port is taken", async () => {
    const auth0 = await startDevAuth0();
    open.push(auth0);
    const { outcome, error } = await runCommand("--port", String(auth0.port));
    expect(outcome).toEqual({ exitCode: 1 });
    expect(error).toBe(
      `Port ${auth0.port} of localhost is taken. Stop what listens there, or choose another port with --port.\n`,
    );
  });

  test("ends with 1 in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const { outcome, error } = await runCommand("--port", "0");
    expect(outcome).toEqual({ exitCode: 1 });
    expect(error).toContain("does not run with NODE_ENV=production");
  });

  test("tells its options and its version", async () => {
    expect((await runCommand("--help")).out()).toContain("Usage: dev-auth0 [options]");
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect((await runCommand("--version")).out()).toBe(`${manifest.version}\n`);
  });
});

describe("each option changes what the running command does", () => {
  async function serve(...args: string[]): Promise<{ readonly auth0: DevAuth0; readonly printed: string }> {
    const { outcome, out } = await runCommand("--port", "0", ...args);
    if (!("auth0" in outcome)) {
      throw new Error("Expected to serve.");
    }
    return { auth0: outcome.auth0, printed: out() };
  }

  test("--port and --host", async () => {
    const free = await serve();
    const port = free.auth0.port;
    await free.auth0.close();
    const { auth0 } = await serve("--port", String(port), "--host", "localhost");
    expect(auth0.issuer).toBe(`http://localhost:${port}/`);
    expect((await fetch(auth0.configUrl)).status).toBe(200);
  });

  test("--audience and --scope", async () => {
    const { auth0, printed } = await serve(
      "--audience",
      "urn:notes",
      "--scope",
      "notes:read",
      "--scope",
      "notes:write",
    );
    expect(printed).toContain("_AUDIENCE=urn:notes\n");
    expect(printed).toContain("  alice   notes:read, notes:write\n");
    const { body } = await logIn(auth0, "bob");
    expect(decodeJwt(body.access_token)).toMatchObject({ permissions: ["notes:read"] });
    expect([decodeJwt(body.access_token).aud].flat()).toContain("urn:notes");
  });

  test("--client-id and --client-secret", async () => {
    const { auth0 } = await serve("--client-id", "me", "--client-secret", "mine");
    expect((await logIn(auth0, "alice")).status).toBe(200);
    const form = { grant_type: "refresh_token", refresh_token: "x", client_id: "me" };
    const ask = (client_secret: string) => requestToken(auth0, { ...form, client_secret });
    expect((await ask("other")).status).toBe(401);
    expect((await ask("mine")).body.error).toBe("invalid_grant");
  });

  test("--callback", async () => {
    const { auth0 } = await serve("--callback", "https://one.example/cb", "--callback", "http://127.0.0.1:9/cb");
    const authorize = (redirect_uri: string) => {
      const query = new URLSearchParams({ response_type: "code", client_id: auth0.clientId, redirect_uri });
      return fetch(`${auth0.issuer}authorize?${query}`, { redirect: "manual" });
    };
    expect((await authorize("https://one.example/cb")).status).toBe(302);
    expect((await authorize("http://127.0.0.1:9/cb")).status).toBe(302);
    expect((await authorize("http://127.0.0.1:9/other")).status).toBeGreaterThanOrEqual(400);
  });

  test("--spa", async () => {
    const { auth0 } = await serve("--spa");
    const form = { grant_type: "refresh_token", refresh_token: "x", client_id: auth0.clientId };
    const ask = async (fields: Record<string, string>) => {
      const answer = await fetch(`${auth0.issuer}oauth/token`, { method: "POST", body: new URLSearchParams(fields) });
      return ((await answer.json()) as { error: string }).error;
    };
    expect(await ask({ ...form, client_secret: "any" })).not.toBe("invalid_grant");
    expect(await ask(form)).toBe("invalid_grant");
  });

  test("--no-rotation", async () => {
    const { auth0 } = await serve("--no-rotation");
    const { body } = await logIn(auth0, "alice");
    const refreshed = await refresh(auth0, body.refresh_token);
    expect(refreshed.body.refresh_token).toBeUndefined();
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
  });

  test("--leeway", async () => {
    const { auth0 } = await serve("--leeway", "0");
    const { body } = await logIn(auth0, "alice");
    await refresh(auth0, body.refresh_token);
    expect((await refresh(auth0, body.refresh_token)).status).toBe(403);
  });

  test("--state", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dev-auth0-run-"));
    try {
      const file = join(folder, "state.json");
      const { auth0, printed } = await serve("--state", file);
      expect(printed).toContain(`Logins are kept in ${file}.\n`);
      const { body } = await logIn(auth0, "alice");
      await auth0.close();
      const again = await serve("--state", file, "--port", String(auth0.port));
      expect((await refresh(again.auth0, body.refresh_token)).status).toBe(200);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("documents each in its README and its help", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const options = [...USAGE.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option]) => option ?? "");
    expect(options).toHaveLength(13);
    for (const option of options.filter((name) => name !== "--help" && name !== "--version")) {
      expect(readme).toContain(`\`${option}`);
    }
  });
});
