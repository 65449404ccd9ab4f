import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { checkDiscovery } from "./discovery-check.ts";
import type { Auth0Domain } from "./domain.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function tenant(answer: RequestListener): Promise<Auth0Domain> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, configUrl: `http://${host}/.well-known/openid-configuration` };
}

function json(body: (origin: string) => unknown, status = 200): RequestListener {
  return (request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body(`http://${request.headers.host}`)));
  };
}

const metadata = (origin: string) => ({
  issuer: `${origin}/`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/oauth/token`,
  scopes_supported: ["openid", "offline_access"],
});

describe("the discovery document", () => {
  it("is reported when it is there", async () => {
    const domain = await tenant(json(metadata));
    expect(await checkDiscovery(domain)).toEqual({
      outcome: "found",
      message: `Found http://${domain.host}/: login and token endpoints are there, refresh tokens are available.`,
    });
  });

  it.each([
    ["answers 404", json(() => ({}), 404), "HTTP 404"],
    ["redirects", ((_, response) => response.writeHead(302, { location: "/x" }).end()) as RequestListener, "HTTP 302"],
    ["serves a page", ((_, response) => response.end("<html>")) as RequestListener, "not JSON"],
    ["serves another document", json(() => ({ hello: 1 })), "names no issuer"],
    ["is another issuer's", json(() => metadata("https://evil.example")), "https://evil.example/"],
  ])("means a wrong domain when it %s", async (_, answer, words) => {
    const check = await checkDiscovery(await tenant(answer));
    expect(check.outcome).toBe("wrong");
    expect(check.message).toContain(words);
  });

  it.each([
    ["the tenant has trouble", json(() => ({}), 503), "HTTP 503"],
    ["the connection breaks", ((request) => request.socket.destroy()) as RequestListener, "no connection"],
  ])("could not be checked when %s", async (_, answer, words) => {
    const check = await checkDiscovery(await tenant(answer));
    expect(check.outcome).toBe("unknown");
    expect(check.message).toContain(words);
  });

  it("could not be checked when nothing listens or the name is unknown", async () => {
    const domain = await tenant(json(metadata));
    await new Promise((resolve) => server?.close(resolve));
    expect((await checkDiscovery(domain)).message).toContain("nothing listens");
    const nowhere = { host: "t.invalid", configUrl: "https://t.invalid/.well-known/openid-configuration" };
    expect(await checkDiscovery(nowhere)).toMatchObject({ outcome: "unknown" });
  });
});

describe("behind a proxy", () => {
  it("that this check does not use, the message says that the server does", async () => {
    vi.stubEnv("https_proxy", "http://127.0.0.1:1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { outcome, message } = await checkDiscovery(await tenant(json(() => ({}), 503)));
    expect(outcome).toBe("unknown");
    expect(message).toContain("The server, which uses HTTPS_PROXY, checks it when it starts.");
  });
});
