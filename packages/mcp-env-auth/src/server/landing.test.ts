import { describe, expect, it, onTestFinished } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const ADDRESS = "https://mcp.example.com/mcp";
const said = { resource: ADDRESS, requiredScopes: ["s"], authorizationServers: ["https://mcp.example.com"] };
const auth = {
  baseUrl: new URL("https://mcp.example.com"),
  describe: () => said,
  authenticate: async () => ({
    ...said,
    verifier: { verify: () => Promise.reject(new Error("unreached")) },
    endpoints: [],
    start: async () => {},
    ready: () => true,
    close: async () => {},
  }),
};
const ENV = { FASTMCP_ENV_FILE: "", FASTMCP_HELP_URL: "https://acme.example.com/help" };

function create(
  env: Record<string, string>,
  info: (fields: object) => void = () => {},
  src = "data:image/png;base64,AA",
) {
  const details = { name: "weather", title: "Weather <b>", version: "1", icons: [{ src }] };
  const server = createServer({ ...details, auth, env: { ...ENV, ...env }, logger: { ...silentLogger, info } });
  onTestFinished(() => server.close());
  return server;
}

const startApp = async (env: Record<string, string> = {}) => serve(await create(env).app());

async function startRun(env: Record<string, string> = {}): Promise<string> {
  let address = "";
  const server = create(env, (fields) => {
    if ("port" in fields && "host" in fields) {
      address = `http://${fields.host}:${fields.port}`;
    }
  });
  await server.run({ port: 0 });
  return address;
}

const get = (url: string, headers: Record<string, string> = {}) =>
  send(url, { headers: { Accept: BROWSER, ...headers } });

describe.each([
  ["app()", startApp],
  ["run()", startRun],
])("the MCP endpoint in a browser, by %s", (_how, start) => {
  it("challenges as it challenges programs, with a page in place of the body", async () => {
    const url = `${await start()}/mcp`;
    const page = await get(url);
    const json = await get(url, { Accept: "application/json, text/event-stream" });
    expect([page.status, json.status]).toEqual([401, 401]);
    expect(page.headers["www-authenticate"]).toMatch(/^Bearer .*resource_metadata="https:\/\/mcp\.example\.com/);
    expect(page.headers["www-authenticate"]).toBe(json.headers["www-authenticate"]);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect([page.headers.vary, json.headers.vary]).toEqual(["Accept, Accept-Language", "Accept"]);
    for (const text of [ADDRESS, "Weather &lt;b&gt;", "Claude", "ChatGPT", "VS Code", "Cursor", "Codex"]) {
      expect(page.body).toContain(text);
    }
    expect(page.body).toMatch(/<link rel="icon" href="data:/);
    expect(page.body).not.toMatch(/<script|(?:src|href)="(?!data:|https:\/\/acme\.example\.com\/help")/);
    expect(JSON.parse(json.body)).toMatchObject({ error: "invalid_token" });
  });

  it("Security rule 10: says the address of BASE_URL, whatever the Host is", async () => {
    const url = `${await start({ FASTMCP_HTTP_ALLOWED_HOSTS: "*" })}/mcp`;
    const [page, other] = [await get(url), await get(url, { Host: "evil.example" })];
    expect([other.status, other.body]).toEqual([401, page.body]);
  });

  it.each([
    ["no Accept", { Accept: "" }],
    ["a wildcard", { Accept: "*/*" }],
    ["any text", { Accept: "text/*" }],
    ["html refused", { Accept: "text/html;q=0, */*" }],
    ["event streams too", { Accept: "application/json, text/event-stream, text/html" }],
    ["a token", { Authorization: "Bearer x.y" }],
    ["an empty token", { Authorization: "" }],
  ])("stays JSON for %s", async (_what, headers) => {
    const { headers: got, body } = await get(`${await start()}/mcp`, headers);
    expect(got["content-type"]).toContain("application/json");
    expect(body).not.toContain("<");
  });

  it("stays JSON for other methods, and with FASTMCP_LANDING_PAGE=false", async () => {
    const origin = await start();
    const posted = await send(`${origin}/mcp`, { method: "POST", headers: { Accept: BROWSER } });
    expect([posted.status, posted.headers["content-type"], posted.headers.vary]).toEqual([
      401,
      "application/json",
      undefined,
    ]);
    const off = await get(`${await start({ FASTMCP_LANDING_PAGE: "false" })}/mcp`);
    expect([off.status, off.headers["content-type"], off.headers.vary]).toEqual([401, "application/json", undefined]);
  });

  it("speaks the reader's language", async () => {
    const { body } = await get(`${await start()}/mcp`, { "Accept-Language": "de-CH, en;q=0.5" });
    expect(body).toContain('<html lang="de" dir="ltr">');
  });
});

describe("the root of a server", () => {
  it("shows people the same page with run(), and programs a 404", async () => {
    const origin = await startRun();
    const [root, endpoint] = [await get(`${origin}/`), await get(`${origin}/mcp`)];
    expect([root.status, root.body, root.headers["www-authenticate"]]).toEqual([200, endpoint.body, undefined]);
    expect((await get(`${origin}/`, { Accept: "*/*" })).status).toBe(404);
    expect((await get(`${origin}/`, { Host: "evil.example" })).status).toBe(403);
    expect((await get(`${origin}/elsewhere`)).status).toBe(404);
  });

  it("is left alone by app(), and with FASTMCP_LANDING_PAGE=false", async () => {
    expect((await get(`${await startApp()}/`)).status).toBe(404);
    expect((await get(`${await startRun({ FASTMCP_LANDING_PAGE: "false" })}/`)).status).toBe(404);
  });
});
