// node client.mjs URL ALGORITHM FOLDER STEP...: takes steps at a protected MCP server with openid-client, which
// discovers the authorization server by ALGORITHM, oidc or oauth2, and is installed in FOLDER. A step is list, refresh,
// revoke, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [url = "", algorithm = "", folder = "", ...steps] = process.argv.slice(2);

// What is installed is kept apart from the sources.
const openidClient = createRequire(join(folder, "package.json")).resolve("openid-client");
const client = await import(pathToFileURL(openidClient).href);

/** Where the MCP server says that its authorization server is (RFC 9728 section 5.1). */
async function findIssuer() {
  const refused = await fetch(url, { method: "POST" });
  const [, metadata] = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
  const { resource, authorization_servers, scopes_supported } = await (await fetch(metadata ?? "")).json();
  if (resource !== url) {
    throw new Error(`The metadata is of ${resource}.`);
  }
  return { issuer: new URL(authorization_servers[0]), scopes: scopes_supported };
}

/** A server for the redirect of a login. */
async function listen() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const redirectUri = `http://127.0.0.1:${server.address().port}/callback`;
  const redirected = once(server, "request").then(([request, response]) => {
    response.end("Return to the terminal.", () => server.close());
    server.closeIdleConnections();
    return new URL(request.url, redirectUri);
  });
  return { redirectUri, redirected };
}

const { issuer, scopes } = await findIssuer();
const { redirectUri, redirected } = await listen();
const config = await client.dynamicClientRegistration(
  issuer,
  { redirect_uris: [redirectUri], client_name: "openid-client", token_endpoint_auth_method: "none" },
  client.None(),
  { algorithm, execute: [client.allowInsecureRequests] },
);
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const parameters = {
  redirect_uri: redirectUri,
  scope: scopes.join(" "),
  resource: url,
  state: expectedState,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
};
spawn(process.env.BROWSER ?? "", [client.buildAuthorizationUrl(config, parameters).href], { stdio: "ignore" });
let tokens = await client.authorizationCodeGrant(
  config,
  await redirected,
  { pkceCodeVerifier, expectedState },
  { resource: url },
);

async function request(method, params) {
  const headers = new Headers({ "content-type": "application/json", accept: "application/json" });
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await client.fetchProtectedResource(config, tokens.access_token, new URL(url), "POST", body, headers);
  return (await answer.json()).result;
}

async function take(step) {
  const [name, argument = "{}"] = step.split(/=(.*)/s);
  if (name === "list") {
    return request("tools/list", {});
  }
  if (name === "refresh") {
    tokens = await client.refreshTokenGrant(config, tokens.refresh_token, { resource: url });
    return { refreshed: true };
  }
  if (name === "revoke") {
    await client.tokenRevocation(config, tokens.refresh_token);
    const refused = await request("tools/list", {}).catch((error) => error);
    return { revoked: refused?.status === 401 };
  }
  return request("tools/call", { name, arguments: JSON.parse(argument) });
}

for (const step of steps) {
  console.log(JSON.stringify(await take(step)));
}
