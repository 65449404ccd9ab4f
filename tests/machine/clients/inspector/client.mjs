// node client.mjs NODE INSPECTOR URL STEP...: takes steps at a protected MCP server with the Inspector's command line,
// the script INSPECTOR, which NODE runs once for each step. A step is list, TOOL=ARGUMENTS, the arguments as JSON, or
// "log out". Each prints a line of JSON. Logins open $BROWSER.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

const [node = "", inspector = "", url = "", ...steps] = process.argv.slice(2);
const env = { ...process.env, MCP_AUTO_OPEN_ENABLED: "true", MCP_INSPECTOR_SECRET_STORE: "file" };

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

function toMethod(/** @type {string} */ step) {
  const [name = "", argument = "{}"] = step.split(/=(.*)/s);
  if (name === "log out") {
    // It forgets the tokens, and logs in again.
    return ["--relogin", "--method", "tools/list"];
  }
  if (name === "list") {
    return ["--method", "tools/list"];
  }
  const pairs = Object.entries(JSON.parse(argument)).flatMap(([key, value]) => ["--tool-arg", `${key}=${value}`]);
  return ["--method", "tools/call", "--tool-name", name, ...pairs];
}

for (const step of steps) {
  const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
  const args = ["--cli", url, "--transport", "http", "--format", "json", "--callback-url", callback];
  const { stdout, status } = spawnSync(node, [inspector, ...args, ...toMethod(step)], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) {
    process.exitCode = 1;
    break;
  }
  console.log(JSON.stringify(JSON.parse(stdout).result));
}
