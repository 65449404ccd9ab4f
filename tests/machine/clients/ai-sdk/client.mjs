// node client.mjs FOLDER URL STEP...: takes steps at a protected MCP server with @ai-sdk/mcp, installed in FOLDER. A
// step is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER. What the
// package asks its application to store is kept in $HOME/mcp.json.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = "", url = "", ...steps] = process.argv.slice(2);
const entry = join(folder, "node_modules/@ai-sdk/mcp/dist/index.js");
const { auth, createMCPClient, UnauthorizedError } = await import(pathToFileURL(entry).href);

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
const redirectUrl = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/callback`;

const provider = {
  redirectUrl,
  clientMetadata: { client_name: "AI SDK client", redirect_uris: [redirectUrl] },
  tokens: () => kept.tokens,
  /** @param {unknown} tokens */
  saveTokens: (tokens) => keep("tokens", tokens),
  /** @param {URL} authorizationUrl */
  redirectToAuthorization(authorizationUrl) {
    spawn(process.env.BROWSER ?? "", [authorizationUrl.href], { stdio: "ignore" });
  },
  /** @param {string} verifier */
  saveCodeVerifier: (verifier) => keep("verifier", verifier),
  codeVerifier: () => kept.verifier,
  state: () => randomUUID(),
  /** @param {string} state */
  saveState: (state) => keep("state", state),
  storedState: () => kept.state,
  clientInformation: () => kept.client,
  /** @param {unknown} client */
  saveClientInformation: (client) => keep("client", client),
  isClientInformationDynamicallyRegistered: () => kept.client !== undefined,
  authorizationServerInformation: () => kept.server,
  /** @param {unknown} information */
  saveAuthorizationServerInformation: (information) => keep("server", information),
  /** @param {"all" | "client" | "tokens" | "verifier"} scope */
  invalidateCredentials(scope) {
    for (const name of scope === "all" ? ["client", "tokens", "verifier"] : [scope]) {
      keep(name, undefined);
    }
  },
};

/** Does what the README says an application does: the login at the first refusal, and the same again. */
async function authorized(/** @type {() => Promise<any>} */ act) {
  const redirected = once(server, "request");
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) {
      throw error;
    }
  }
  const [request, response] = await redirected;
  response.end("Return to the terminal.");
  const query = new URL(request.url, redirectUrl).searchParams;
  await auth(provider, {
    serverUrl: url,
    authorizationCode: query.get("code") ?? undefined,
    callbackState: query.get("state") ?? undefined,
    callbackIssuer: query.get("iss") ?? undefined,
  });
  return act();
}

const connect = () => createMCPClient({ transport: { type: "http", url, authProvider: provider } });

try {
  const client = await authorized(connect);
  for (const step of steps) {
    const [name, argument = "{}"] = step.split(/=(.*)/s);
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
