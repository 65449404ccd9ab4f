import { afterEach, describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendRaw } from "../support/raw-http.ts";

const LIMIT = 5;
const attacked = useAttackedServer({ env: { FASTMCP_RATE_LIMIT: String(LIMIT) } });

const ENDPOINTS: [string, string][] = [
  ["POST", "/register"],
  ["GET", "/authorize"],
  ["POST", "/authorize"],
  ["POST", "/consent"],
  ["GET", "/auth/callback"],
  ["POST", "/token"],
  ["POST", "/revoke"],
];

const statuses = async (origin: string, method: string, path: string, addresses: readonly string[]) => {
  const answers: number[] = [];
  for (const address of addresses) {
    const headers = { "X-Forwarded-For": address };
    answers.push((await sendRaw(origin, { method, path, headers })).status);
  }
  return answers;
};
const refused = (answers: readonly number[]) => answers.filter((status) => status === 429).length;
const strangers = (count: number) => Array.from({ length: count }, (_, index) => `203.0.113.${index}`);

afterEach(() => attacked.advance(61));

describe("Security rule 12: an open endpoint is rate limited", () => {
  it.each(ENDPOINTS)("%s %s, whatever X-Forwarded-For says, without a proxy", async (method, path) => {
    expect(refused(await statuses(attacked.origin, method, path, strangers(LIMIT + 3)))).toBe(3);
  });

  it.each(["Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Forwarded-Host"])(
    "and %s opens it no more",
    async (name) => {
      const answers: number[] = [];
      for (const address of strangers(LIMIT + 2)) {
        const headers = { [name]: name === "Forwarded" ? `for=${address}` : address };
        answers.push((await sendRaw(attacked.origin, { method: "POST", path: "/register", headers })).status);
      }
      expect(refused(answers)).toBe(2);
    },
  );

  it("and says when to come again, in JSON that is not kept", async () => {
    await statuses(attacked.origin, "POST", "/register", strangers(LIMIT));
    const answer = await sendRaw(attacked.origin, { method: "POST", path: "/register" });
    expect([answer.status, answer.headers["cache-control"]]).toEqual([429, "no-store"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(60);
  });

  it.each([
    ["GET", "/authorize"],
    ["GET", "/auth/callback"],
    ["POST", "/consent"],
  ])("and %s %s says so on a page, to a person", async (method, path) => {
    await statuses(attacked.origin, method, path, strangers(LIMIT));
    const answer = await sendRaw(attacked.origin, { method, path, headers: { Accept: "text/html,*/*;q=0.8" } });
    expect([answer.status, answer.headers["cache-control"]]).toEqual([429, "no-store"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.headers["content-type"]).toMatch(/^text\/html/);
    expect(answer.text).toContain("Too many requests from this address. Try again later.");
    const program = await sendRaw(attacked.origin, { method, path, headers: { Accept: "application/json" } });
    expect(JSON.parse(program.text)).toMatchObject({ error: "temporarily_unavailable" });
  });

  it("and is open again a minute later", async () => {
    await statuses(attacked.origin, "POST", "/register", strangers(LIMIT + 1));
    attacked.advance(61);
    expect(refused(await statuses(attacked.origin, "POST", "/register", strangers(LIMIT)))).toBe(0);
  });

  it("and the token endpoint counts failures alone, since companies share an address", async () => {
    const server = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: String(LIMIT) } });
    let session = await server.getSession();
    for (let refresh = 0; refresh < LIMIT + 3; refresh++) {
      session = await session.renewed(await session.refresh());
    }
    expect(refused(await statuses(server.origin, "POST", "/token", strangers(LIMIT + 2)))).toBe(2);
    expect((await session.refresh()).status).toBe(429);
    await server.close();
  });

  it("and metadata, challenges and calls are not, so that a flood elsewhere locks nobody out", async () => {
    await statuses(attacked.origin, "POST", "/register", strangers(LIMIT + 1));
    for (const path of ["/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/mcp"]) {
      expect(refused(await statuses(attacked.origin, "GET", path, strangers(LIMIT * 3)))).toBe(0);
    }
  });
});

describe("Security rule 12: behind proxies, the number of which is configured,", () => {
  it.each(["/register", "/authorize", "/token"])("%s counts the address that the last of them saw", async (path) => {
    const method = path === "/authorize" ? "GET" : "POST";
    const server = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: String(LIMIT), FASTMCP_TRUST_PROXY: "1" } });
    expect(refused(await statuses(server.origin, method, path, strangers(LIMIT * 3)))).toBe(0);
    const spoofed = strangers(LIMIT + 2).map((address) => `${address}, 198.51.100.7`);
    expect(refused(await statuses(server.origin, method, path, spoofed))).toBe(2);
    await server.close();
  });

  it.each(["/register", "/authorize", "/token"])("%s behind two counts what the first of them saw", async (path) => {
    const method = path === "/authorize" ? "GET" : "POST";
    const server = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: String(LIMIT), FASTMCP_TRUST_PROXY: "2" } });
    const people = strangers(LIMIT * 3).map((address) => `${address}, 10.0.0.1`);
    expect(refused(await statuses(server.origin, method, path, people))).toBe(0);
    const spoofed = strangers(LIMIT + 2).map((address) => `${address}, 198.51.100.7, 10.0.0.1`);
    expect(refused(await statuses(server.origin, method, path, spoofed))).toBe(2);
    await server.close();
  });

  it("no header of theirs that is no address takes the server down", async () => {
    const server = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: String(LIMIT), FASTMCP_TRUST_PROXY: "1" } });
    const odd = ["", ",", ", ,", "unknown", "::1", "[::1]:80", "1.2.3.4:99999", "x".repeat(4000), "1.2.3.4,", "%00"];
    for (const status of await statuses(server.origin, "POST", "/register", odd)) {
      expect([400, 429]).toContain(status);
    }
    await server.close();
  });

  it("an IPv6 network is one address, since everybody has a network of them", async () => {
    const server = await attacked.launch({ env: { FASTMCP_RATE_LIMIT: String(LIMIT), FASTMCP_TRUST_PROXY: "1" } });
    const addresses = Array.from({ length: LIMIT + 2 }, (_, index) => `2001:db8:1:1::${index + 1}`);
    expect(refused(await statuses(server.origin, "POST", "/register", addresses))).toBe(2);
    await server.close();
  });
});
