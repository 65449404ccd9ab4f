// npm run dev: builds the server and starts it, and again after every change, with a local Auth0 unless .env names a
// tenant, and with what local-setup.mjs starts. Options are for that file.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { fileURLToPath } from "node:url";
import { openLogin } from "./local-auth0.mjs";
import { startServices } from "./local-setup.mjs";

const TSC = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
const SETTLE_TIME = 100;
const STOP_TIMEOUT = 2000;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** @type {import("./local-auth0.mjs").Login | undefined} */
let login;
/** @type {import("./local-setup.mjs").Services | undefined} */
let services;
/** @type {import("node:child_process").ChildProcess | undefined} */
let server;
/** @type {Set<"sources" | "settings">} */
const changes = new Set(["sources", "settings"]);
let broken = false;
let stopping = false;
let wake = () => {};

watch("src", { recursive: true }, () => changed("sources"));
watch(".", (_, file) => void (file === ".env" && changed("settings")));
process.once("SIGINT", stop).once("SIGTERM", stop);

while (!stopping) {
  const settingsChanged = changes.has("settings");
  changes.clear();
  await update(settingsChanged).catch((error) => console.error(`${error instanceof Error ? error.message : error}\n`));
  if (changes.size === 0 && !stopping) {
    await new Promise((resolve) => (wake = () => resolve(undefined)));
  }
  // An editor writes several files, and some of them in several steps.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_TIME));
}
await stopServer();
await closeOthers();
process.exit();

/** @param {boolean} settingsChanged */
async function update(settingsChanged) {
  if ((await build()) !== 0) {
    broken = true;
    console.error("The server is built and started again after the next change.\n");
    return;
  }
  if (broken) {
    console.log("The build works again.\n");
  }
  broken = false;
  await stopServer();
  if (settingsChanged) {
    await closeOthers();
    login = await openLogin();
    services = await startServices({ args: process.argv.slice(2), issuer: login.issuer });
    console.log(`${[login, ...(services ? [services] : [])].map(({ description }) => description).join("\n\n")}\n`);
  }
  if (!stopping) {
    startServer({ ...login?.env, ...services?.env });
  }
}

async function closeOthers() {
  const ending = [services, login];
  services = undefined;
  login = undefined;
  for (const other of ending) {
    await other?.close();
  }
}

/** @returns {Promise<number | null>} */
async function build() {
  const [code] = await once(spawn(process.execPath, [TSC], { stdio: "inherit" }), "exit");
  return code;
}

/** @param {Readonly<Record<string, string>>} env */
function startServer(env) {
  const started = spawn(process.execPath, ["--import", "./scripts/end-with-parent.mjs", "dist/server.js"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { FASTMCP_DEV: "true", ...process.env, ...env },
  });
  server = started;
  started.once("exit", (code) => {
    if (server !== started) {
      return;
    }
    server = undefined;
    if (!stopping) {
      console.error(`The server has ended (${code}). It is started again after the next change.\n`);
    }
  });
}

async function stopServer() {
  if (server === undefined) {
    return;
  }
  const ending = server;
  server = undefined;
  const exited = once(ending, "exit");
  ending.kill("SIGTERM");
  const killer = setTimeout(() => ending.kill("SIGKILL"), STOP_TIMEOUT);
  await exited;
  clearTimeout(killer);
}

/** @param {"sources" | "settings"} what */
function changed(what) {
  changes.add(what);
  wake();
}

function stop() {
  stopping = true;
  wake();
}
