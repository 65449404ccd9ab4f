// node client.mjs MAJOR URL STEP...: takes steps at a protected MCP server with the TypeScript SDK of this repository,
// 1 or 2. A step is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER.
// What the SDK asks its application to store is kept in $HOME/mcp.json.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [major, url = "", ...steps] = process.argv.slice(2);
const sdk =
  major === "1"
    ? {
        ...(await import("@modelcontextprotocol/sdk/client/index.js")),
        ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
        ...(await import("@modelcontextprotocol/sdk/client/auth.js")),
      }
    : await import("@modelcontextprotocol/client");

const file = join(process.env.HOME ?? "", "mcp.json");
const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

/** @param {string} name @param {unknown} value */
function keep(name, value) {
  kept[name] = value;
  writeFileSync(file, JSON.stringify(kept));
}

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const redirectUrl = `http://127.0.0.1:${port}/callback`;

/** @type {any} */
const authProvider = {
  redirectUrl,
  clientMetadata: { client_name: "TypeScript SDK client", redirect_uris: [redirectUrl] },
  clientInformation: () => kept.client,
  saveClientInformation: (/** @type {unknown} */ client) => keep("client", client),
  tokens: () => kept.tokens,
  saveTokens: (/** @type {unknown} */ tokens) => keep("tokens", tokens),
  state: () => randomUUID(),
  saveCodeVerifier: (/** @type {string} */ verifier) => keep("verifier", verifier),
  codeVerifier: () => kept.verifier,
  invalidateCredentials(/** @type {string} */ scope) {
    for (const name of scope === "all" ? ["client", "tokens", "verifier"] : [scope]) {
      keep(name, undefined);
    }
  },
  redirectToAuthorization(/** @type {URL} */ authorizationUrl) {
    spawn(process.env.BROWSER ?? "", [authorizationUrl.href], { stdio: "ignore" });
  },
};

/** @type {any} */
let transport;
/** @type {any} */
let client;

async function connect() {
  transport = new sdk.StreamableHTTPClientTransport(new URL(url), { authProvider });
  client = new sdk.Client({ name: "typescript-sdk-client", version: "1.0.0" });
  await client.connect(transport);
}

/** Does what an application does: the login when the SDK has opened the browser for it, and the same again. */
async function authorized(/** @type {() => Promise<any>} */ act) {
  const redirected = once(server, "request");
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof sdk.UnauthorizedError)) {
      throw error;
    }
  }
  const [request, response] = await redirected;
  response.end("Return to the terminal.");
  const query = new URL(request.url, redirectUrl).searchParams;
  await transport.finishAuth(major === "1" ? query.get("code") : query);
  return act();
}

try {
  await authorized(connect);
  for (const step of steps) {
    const [name = "", argument = "{}"] = step.split(/=(.*)/s);
    const result = await authorized(() =>
      name === "list" ? client.listTools() : client.callTool({ name, arguments: JSON.parse(argument) }),
    );
    console.log(JSON.stringify(result));
  }
  await client.close();
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
server.close();
server.closeAllConnections();
