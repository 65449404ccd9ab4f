import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";

/** @import { Narrator } from "./narrator.mjs" */

const CITY = "Berlin";

/**
 * Calls `current_weather` with the official MCP client, through a login.
 *
 * @param {string} url The MCP endpoint.
 * @param {Narrator} narrator
 */
export async function askForWeather(url, narrator) {
  const browser = new Browser({ onPage: (page) => narrator.page(page), onRedirect: narrateRedirect(narrator) });
  const oauth = new OAuthClient({ browser, username: "alice", name: "Demo client" });
  const redirectToAuthorization = oauth.redirectToAuthorization.bind(oauth);
  oauth.redirectToAuthorization = async (authorizationUrl) => {
    narrator.step("The client opens the user's browser at the authorization endpoint");
    narrator.request("GET", authorizationUrl);
    narrator.values(authorizationUrl.searchParams);
    narrator.step("The server asks for consent, before anything else");
    await redirectToAuthorization(authorizationUrl);
  };
  const tellingFetch = narratingFetch(narrator);
  const open = () => {
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      authProvider: oauth,
      fetch: tellingFetch,
    });
    const client = new Client({ name: "demo", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
    return { client, transport };
  };

  const first = open();
  const refused = await first.client.connect(first.transport).catch((/** @type {unknown} */ error) => error);
  const callback = oauth.takeCallback();
  if (!(refused instanceof UnauthorizedError) || callback === undefined) {
    throw new Error("the server did not ask for a login", { cause: refused });
  }
  await first.transport.finishAuth(callback);

  const { client, transport } = open();
  await client.connect(transport);
  const result = await client.callTool({ name: "current_weather", arguments: { city: CITY } });
  await client.close();
  if (result.isError) {
    throw new Error(`current_weather answered ${JSON.stringify(result.content)}`);
  }
  narrator.step(`The weather in ${CITY}`);
  narrator.values(Object.entries(result.structuredContent ?? {}));
}

/**
 * @param {Narrator} narrator
 * @returns {typeof globalThis.fetch}
 */
function narratingFetch(narrator) {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isTold = tellRequest(narrator, url, init);
    const response = await fetch(input, init);
    if (isTold) {
      await tellResponse(narrator, url, response.clone());
    }
    return response;
  };
}

/**
 * @param {Narrator} narrator
 * @param {URL} url
 * @param {RequestInit} [init]
 * @returns {boolean} False for a request that is not worth a step.
 */
function tellRequest(narrator, url, { method = "GET", headers, body } = {}) {
  const message = url.pathname === "/mcp" && typeof body === "string" ? JSON.parse(body) : undefined;
  const hasToken = new Headers(headers).has("authorization");
  const title = message === undefined ? titleOf(url.pathname) : titleOfMessage(message.method, hasToken);
  if (title === undefined) {
    return false;
  }
  narrator.step(title);
  narrator.request(method, url);
  if (message !== undefined) {
    narrator.values([["method", message.method]]);
  }
  if (message?.method === "tools/call") {
    narrator.values([
      ["tool", message.params.name],
      ["arguments", message.params.arguments],
    ]);
  }
  if (body instanceof URLSearchParams) {
    narrator.values(body);
  }
  return true;
}

/** @param {string} path */
function titleOf(path) {
  if (path.startsWith("/.well-known/oauth-protected-resource")) {
    return "The client reads who protects the server";
  }
  if (path.startsWith("/.well-known/")) {
    return "The client reads the authorization server's metadata";
  }
  if (path.endsWith("/register")) {
    return "The client registers itself";
  }
  if (path.endsWith("/token")) {
    return "The client exchanges the code for tokens";
  }
  return undefined;
}

/**
 * @param {string} method
 * @param {boolean} hasToken
 */
function titleOfMessage(method, hasToken) {
  if (!hasToken) {
    return "The client calls the server without a token";
  }
  return method === "tools/call" ? "The client calls the tool with its token" : undefined;
}

/**
 * @param {Narrator} narrator
 * @param {URL} url
 * @param {Response} response
 */
async function tellResponse(narrator, url, response) {
  narrator.status(response);
  const challenge = response.headers.get("www-authenticate");
  if (challenge !== null) {
    narrator.values([["www-authenticate", challenge]]);
  }
  if (url.pathname === "/mcp") {
    return;
  }
  const document = /** @type {object} */ (await response.json());
  narrator.values(Object.entries(document));
}

/**
 * @param {Narrator} narrator
 * @returns {(from: URL, to: URL) => void}
 */
function narrateRedirect(narrator) {
  let left = false;
  return (from, to) => {
    if (from.origin === to.origin) {
      return;
    }
    if (to.pathname === "/callback") {
      narrator.step("The server sends the browser back to the client, with a code");
    } else if (left) {
      narrator.step("The provider sends the browser back to the server");
    } else {
      narrator.step("The user allows it, and the server sends the browser to the provider to log in");
    }
    left = true;
    narrator.request("GET", to);
    narrator.values(to.searchParams);
  };
}
