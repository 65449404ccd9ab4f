// node client.mjs CODEX URL STEP...: takes steps at a protected MCP server with Codex's app server, the program CODEX,
// as its extensions for editors do. A step is list, TOOL=ARGUMENTS, the arguments as JSON, or "log out". Each prints a
// line of JSON. A login is begun where Codex says that one is needed, and opens $BROWSER.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [codex = "", url = "", ...steps] = process.argv.slice(2);
const SERVER = "weather";
const home = join(process.env.HOME ?? "", ".codex");

mkdirSync(home, { recursive: true });
// Without a keyring, as on a server.
const settings = `mcp_oauth_credentials_store = "file"\n[mcp_servers.${SERVER}]\nurl = "${url}"\n`;
writeFileSync(join(home, "config.toml"), settings);

const env = { ...process.env, CODEX_HOME: home };
const child = spawn(codex, ["app-server"], { env, stdio: ["pipe", "pipe", "ignore"], cwd: process.env.HOME });
/** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
const pending = new Map();
/** @type {((message: any) => void)[]} */
const listeners = [];
let lastId = 0;

createInterface({ input: child.stdout }).on("line", (line) => {
  const message = JSON.parse(line);
  const asked = pending.get(message.id);
  if (message.method === undefined && asked !== undefined) {
    pending.delete(message.id);
    if (message.error === undefined) {
      asked.resolve(message.result);
    } else {
      asked.reject(new Error(message.error.message));
    }
    return;
  }
  for (const listener of listeners) {
    listener(message);
  }
});

/** @returns {Promise<any>} */
function ask(/** @type {string} */ method, /** @type {object} */ params) {
  lastId += 1;
  const id = lastId;
  child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
  return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
}

/** @returns {Promise<any>} */
function told(/** @type {string} */ method, /** @type {(params: any) => boolean} */ isIt = () => true) {
  return new Promise((resolve) => {
    listeners.push((message) => {
      if (message.method === method && isIt(message.params)) {
        resolve(message.params);
      }
    });
  });
}

async function logIn() {
  const completed = told("mcpServer/oauthLogin/completed");
  const { authorizationUrl } = await ask("mcpServer/oauth/login", { name: SERVER });
  spawn(process.env.BROWSER ?? "", [authorizationUrl], { stdio: "ignore" });
  const { success, error } = await completed;
  if (!success) {
    throw new Error(error);
  }
}

async function startThread() {
  const ready = told("mcpServer/startupStatus/updated", ({ name, status }) => name === SERVER && status !== "starting");
  const { thread } = await ask("thread/start", { cwd: process.env.HOME, ephemeral: true });
  return { threadId: thread.id, ready: await ready };
}

async function take(/** @type {string} */ step, /** @type {string} */ threadId) {
  const [tool = "", argument = "{}"] = step.split(/=(.*)/s);
  if (tool === "list") {
    const { data } = await ask("mcpServerStatus/list", { serverName: SERVER });
    return { tools: Object.values(data[0].tools) };
  }
  return ask("mcpServer/tool/call", { server: SERVER, threadId, tool, arguments: JSON.parse(argument) });
}

async function main() {
  await ask("initialize", { clientInfo: { name: "codex-client", version: "1.0.0" } });
  child.stdin.write(`${JSON.stringify({ method: "initialized" })}\n`);
  let { threadId, ready } = await startThread();
  if (ready.status !== "ready") {
    console.error(ready.error);
    await logIn();
    ({ threadId, ready } = await startThread());
  }
  if (ready.status !== "ready") {
    throw new Error(ready.error);
  }
  for (const step of steps) {
    if (step === "log out") {
      spawnSync(codex, ["mcp", "logout", SERVER], { env, stdio: ["ignore", 2, "ignore"] });
    } else {
      console.log(JSON.stringify(await take(step, threadId)));
    }
  }
}

try {
  await main();
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
child.kill();
