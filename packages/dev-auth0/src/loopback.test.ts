import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0.close());

function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const path = "/.well-known/jwks.json";
    const sent = request({ host: "127.0.0.1", port: auth0.port, path, headers: { Host: host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once("error", reject).end();
  });
}

describe("the Host header", () => {
  test.each(["127.0.0.1", "localhost:1", "[::1]:4400"])("may be %s", async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  test.each(["evil.example", "127.0.0.1.evil.example:4400", "user@127.0.0.1.evil.example"])(
    "may not be %s",
    async (host) => {
      expect(await statusFor(host)).toBe(403);
    },
  );
});

describe("cross-origin requests to the token endpoint", () => {
  async function preflight(origin: string): Promise<Headers> {
    const headers = { Origin: origin, "Access-Control-Request-Method": "POST" };
    const response = await fetch(`${auth0.issuer}oauth/token`, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    return response.headers;
  }

  test("are for pages of this machine", async () => {
    const headers = await preflight("http://localhost:3000");
    expect(headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect(headers.get("vary")).toContain("Origin");
  });

  test.each(["https://example.com", "null", "http://localhost.example.com"])("are not for %s", async (origin) => {
    expect((await preflight(origin)).get("access-control-allow-origin")).toBeNull();
  });
});

test("an unknown path is answered with a page", async () => {
  const response = await fetch(`${auth0.issuer}nothing`);
  expect(response.status).toBe(404);
  expect(await response.text()).toContain("The discovery document lists what is.");
});
