import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Browser, logIn } from "./browser.mjs";
import { findForms, textOf } from "./html-page.mjs";

type Site = Record<string, (response: ServerResponse, request: IncomingMessage) => void>;

/** Serves `site` by path on a port of its own, and returns its address under both of this machine's names. */
async function serve(site: Site): Promise<{ ip: string; name: string }> {
  const server = createServer((request, response) => {
    const page = site[new URL(request.url ?? "/", "http://localhost").pathname];
    if (page === undefined) {
      response.writeHead(404).end();
    } else {
      page(response, request);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { ip: `http://127.0.0.1:${port}`, name: `http://localhost:${port}` };
}

const echoCookies: Site[string] = (response, request) => response.end(request.headers.cookie ?? "");
const setCookies =
  (...cookies: string[]): Site[string] =>
  (response) =>
    response.setHeader("Set-Cookie", cookies).end();

async function textAt(browser: Browser, url: string): Promise<string> {
  const page = await browser.open(url);
  return page instanceof URL ? "" : page.text;
}

describe("the browser's cookies", () => {
  it("go back to their host and path only", async () => {
    const { ip, name } = await serve({
      "/set": setCookies("a=1; Path=/", "b=2; Path=/deep"),
      "/": echoCookies,
      "/deep/er": echoCookies,
      "/deeper": echoCookies,
    });
    const browser = new Browser();
    await browser.open(`${ip}/set`);
    expect(await textAt(browser, `${ip}/`)).toBe("a=1");
    expect(await textAt(browser, `${ip}/deep/er`)).toBe("a=1; b=2");
    expect(await textAt(browser, `${ip}/deeper`)).toBe("a=1");
    expect(await textAt(browser, `${name}/`)).toBe("");
  });

  it("that are Secure or claim to be __Host- are not kept over http", async () => {
    const { ip } = await serve({
      "/set": setCookies(
        "a=1; Secure",
        "__Host-b=2; Path=/",
        "__Host-c=3; Path=/; Secure",
        "d=4; SameSite=None",
        "e=5",
      ),
      "/": echoCookies,
    });
    const browser = new Browser();
    await browser.open(`${ip}/set`);
    expect(await textAt(browser, `${ip}/`)).toBe("e=5");
  });

  it("that are Secure are kept over http on this machine by browsers that trust it", async () => {
    const { ip } = await serve({
      "/set": setCookies("a=1; Secure", "b=2; Secure; SameSite=None", "c=3; SameSite=None"),
      "/": echoCookies,
    });
    const browser = new Browser({ trustsLoopback: true });
    await browser.open(`${ip}/set`);
    expect(await textAt(browser, `${ip}/`)).toBe("a=1; b=2");
  });

  it("end when they are told to", async () => {
    const { ip } = await serve({
      "/set": setCookies("a=1; Path=/", "b=2; Path=/"),
      "/end": setCookies("a=; Path=/; Max-Age=0", "b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
      "/": echoCookies,
    });
    const browser = new Browser();
    await browser.open(`${ip}/set`);
    await browser.open(`${ip}/end`);
    expect(await textAt(browser, `${ip}/`)).toBe("");
  });

  it("of SameSite=Lax come along when another site links here, and not when it posts", async () => {
    const { ip, name } = await serve({
      "/set": setCookies("lax=1; Path=/; SameSite=Lax", "strict=2; Path=/; SameSite=Strict"),
      "/evil": (response, request) => {
        const target = `http://${request.headers.host?.replace("localhost", "127.0.0.1")}/`;
        response.end(
          `<form action="${target}"><button>Go</button></form><form method="post" action="${target}"><button>Post</button></form>`,
        );
      },
      "/": echoCookies,
    });
    const browser = new Browser();
    await browser.open(`${ip}/set`);
    const evil = await browser.open(`${name}/evil`);
    if (evil instanceof URL) {
      throw new Error("not a page");
    }
    const answers = [];
    for (const form of evil.forms) {
      const [button] = form.buttons;
      const page = button && (await browser.press(evil, form, button));
      answers.push(page instanceof URL ? "" : page?.text);
    }
    expect(answers).toEqual(["lax=1", ""]);
    expect(await textAt(browser, `${ip}/`)).toBe("lax=1; strict=2");
  });
});

describe("the browser's forms", () => {
  it("are read with their hidden fields, entities and buttons", () => {
    const [form] = findForms(
      `<form method="post" action="/a?b=1&amp;c=2"><input type=hidden name="s" value="&quot;x&quot; &#39;y&#x27;">
       <input type="checkbox" name="no"><button name="d" value="allow"><b>Allow</b> it</button><input type="submit" value="Send"></form>`,
    );
    expect(form).toEqual({
      action: "/a?b=1&c=2",
      method: "POST",
      fields: new Map([["s", `"x" 'y'`]]),
      buttons: [
        { label: "Send", name: undefined, value: "Send" },
        { label: "Allow it", name: "d", value: "allow" },
      ],
    });
  });

  it("leave the text that a person reads", () => {
    expect(textOf("<title>T</title><style>x{}</style><p>a &lt;b&gt;</p>\n <p>c <b>d</b></p>")).toBe("a <b>\nc d");
  });
});

describe("logging in", () => {
  it("presses what is needed on the way, and does not fetch the redirect to the client", async () => {
    const { ip } = await serve({
      "/authorize": (response) =>
        response.end('<form method="post" action="/allow"><button>Deny</button><button>Allow</button></form>'),
      "/allow": (response) => response.writeHead(303, { Location: "/login" }).end(),
      "/login": (response, request) => {
        if (request.method === "POST") {
          response.writeHead(302, { Location: "http://127.0.0.1:1/callback?code=c" }).end();
        } else {
          response.end('<form method="post"><button name="username" value="alice">Alice</button></form>');
        }
      },
    });
    const options = { redirectUri: "http://127.0.0.1:1/callback", username: "alice" };
    const callback = await logIn(new Browser(), `${ip}/authorize`, options);
    expect(callback.href).toBe("http://127.0.0.1:1/callback?code=c");
  });

  it("says what page it is stuck at", async () => {
    const { ip } = await serve({ "/authorize": (response) => response.writeHead(400).end("<h1>Unknown client</h1>") });
    const options = { redirectUri: "http://127.0.0.1:1/callback", username: "alice" };
    await expect(logIn(new Browser(), `${ip}/authorize`, options)).rejects.toThrow("/authorize (400): Unknown client");
  });
});
