import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { freePort } from "test-support/free-port";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const PICTURES = fileURLToPath(new URL("../../coverage/consent-page/", import.meta.url));
// Chromium's own services are out of reach in CI, and asking for them takes its connections away from the page.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1200, height: 800 };

let auth0: DevAuth0;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let server: WeatherServer;
let origin: string;
let browser: Browser;
let callback: string;

beforeAll(async () => {
  [auth0, openMeteo] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn()]);
  server = await startWeatherServer({ port: await freePort(), authEnv: auth0.env, openMeteoUrl: openMeteo.url });
  origin = new URL(server.url).origin;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  callback = `http://127.0.0.1:${await freePort()}/callback`;
  await mkdir(dirname(PICTURES), { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await openMeteo?.close();
  await auth0?.close();
});

async function authorizeUrl(clientName = "Claude <b>Desktop</b>"): Promise<string> {
  const registration = await fetch(`${origin}/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ client_name: clientName, redirect_uris: [callback], token_endpoint_auth_method: "none" }),
  });
  const { client_id } = (await registration.json()) as { client_id: string };
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: callback,
    state: "the state",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
    scope: "openid weather:read weather:write",
    resource: `${origin}/mcp`,
  });
  return `${origin}/authorize?${query}`;
}

async function open(options: BrowserContextOptions, clientName?: string): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(await authorizeUrl(clientName));
  return page;
}

async function expectReadable(page: Page): Promise<void> {
  const text = await page.locator("body").textContent();
  expect(text).toContain("Claude <b>Desktop</b>");
  expect(text).toContain("weather:read");
  expect(text).toContain("weather:write");
  expect(text).toContain("127.0.0.1");
  expect(text).toContain("Auth0 Weather MCP");
  const width = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  expect(width).toBe(0);
}

async function background(page: Page): Promise<string> {
  return page.evaluate(
    "getComputedStyle(document.body).backgroundColor || getComputedStyle(document.documentElement).backgroundColor",
  );
}

describe("the consent page in Chromium", () => {
  it.each([
    ["desk-light", DESK, "light"],
    ["desk-dark", DESK, "dark"],
    ["phone-light", PHONE, "light"],
    ["phone-dark", PHONE, "dark"],
  ] as const)("can be read without JavaScript: %s", async (name, viewport, colorScheme) => {
    const page = await open({ viewport, colorScheme, javaScriptEnabled: false });
    await expectReadable(page);
    await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true });
    await page.context().close();
  });

  it("has other colours in the dark", async () => {
    const light = await open({ colorScheme: "light" });
    const dark = await open({ colorScheme: "dark" });
    expect(await background(light)).not.toBe(await background(dark));
    await Promise.all([light.context().close(), dark.context().close()]);
  });

  it("breaks neither its own policy nor its layout with a long name and a long scope list", async () => {
    const violations: string[] = [];
    const page = await (await browser.newContext({ viewport: PHONE })).newPage();
    page.on("console", (message) => violations.push(message.text()));
    await page.goto(await authorizeUrl(`${"A very long name ".repeat(5)}${"x".repeat(60)}`));
    expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
    expect(violations.filter((text) => /content security policy/i.test(text))).toEqual([]);
    await page.context().close();
  });

  it("leads through login back to the client by clicking, with code, state and iss", async () => {
    const page = await open({ viewport: DESK });
    await page.route(`${callback}**`, (route) => route.fulfill({ body: "done" }));
    await page.getByRole("button", { name: /allow/i }).click();
    await page.getByRole("button", { name: /alice/i }).click();
    await page.waitForURL(`${callback}**`);
    const arrived = new URL(page.url()).searchParams;
    expect(arrived.get("code")).toBeTruthy();
    expect(arrived.get("state")).toBe("the state");
    expect(arrived.get("iss")).toBe(`${origin}/`);
    await page.context().close();
  });

  it("tells the client when the user denies", async () => {
    const page = await open({ viewport: DESK });
    await page.route(`${callback}**`, (route) => route.fulfill({ body: "done" }));
    await page.getByRole("button", { name: /deny/i }).click();
    await page.waitForURL(`${callback}**`);
    expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");
    await page.context().close();
  });

  it("can't be framed", async () => {
    const page = await (await browser.newContext()).newPage();
    const url = await authorizeUrl();
    await page.route("http://framing.localhost/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<iframe src="${url.replaceAll("&", "&amp;")}"></iframe>` }),
    );
    await page.goto("http://framing.localhost/");
    await page.waitForTimeout(500);
    const framed = page.frames().find((frame) => frame.parentFrame() !== null);
    expect(
      await framed
        ?.locator("body")
        .textContent()
        .catch(() => ""),
    ).not.toContain("weather:read");
    await page.context().close();
  });
});
