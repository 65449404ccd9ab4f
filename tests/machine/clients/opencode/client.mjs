// node client.mjs OPENCODE URL STEP...: takes steps at a protected MCP server with opencode, the program OPENCODE, as
// its editors and its desktop application do: by the server that it runs. A step is list, TOOL=ARGUMENTS, the arguments
// as JSON, or "log out". Each but that prints a line of JSON. A login is begun where opencode says that one is needed,
// and opens $BROWSER. Only a model calls tools in opencode, so one stands here that calls what a step says.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [opencode = "", url = "", ...steps] = process.argv.slice(2);
const SERVER = "weather";
const MODEL = { providerID: "scripted", modelID: "scripted" };

/** What the model calls next. @type {{ name: string, arguments: string } | undefined} */
let nextCall;
/** The tools that the model was offered last. @type {string[]} */
let offered = [];

/** Speaks the protocol of most model hosts: one call of a tool, and then the end. Without tools it names a session. */
const model = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
  }
  const { tools = [] } = JSON.parse(body);
  const called = tools.length === 0 ? undefined : nextCall;
  if (tools.length > 0) {
    offered = tools.map((/** @type {any} */ { function: { name } }) => name);
    nextCall = undefined;
  }
  const call = called && { index: 0, id: "call_1", type: "function", function: called };
  const delta = call === undefined ? { content: "Done." } : { tool_calls: [call] };
  const choices = [
    { index: 0, delta: { role: "assistant", ...delta }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: call === undefined ? "stop" : "tool_calls" },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const choice of choices) {
    const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model: "scripted", choices: [choice] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }
  response.end("data: [DONE]\n\n");
});
model.listen(0, "127.0.0.1");
await once(model, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (model.address());

const home = process.env.HOME ?? "";
const settings = join(home, ".config/opencode");
mkdirSync(settings, { recursive: true });
writeFileSync(
  join(settings, "opencode.json"),
  JSON.stringify({
    mcp: { [SERVER]: { type: "remote", url } },
    permission: "allow",
    model: `${MODEL.providerID}/${MODEL.modelID}`,
    small_model: `${MODEL.providerID}/${MODEL.modelID}`,
    provider: {
      [MODEL.providerID]: {
        npm: "@ai-sdk/openai-compatible",
        options: { baseURL: `http://127.0.0.1:${port}`, apiKey: "none" },
        models: { [MODEL.modelID]: {} },
      },
    },
  }),
);

const env = { ...process.env, OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" };
// It does not end with the program that started it.
const bound = 'exec 3<&0; "$0" serve --port 0 & pid=$!; { cat <&3 >/dev/null; kill -9 $pid; } & wait $pid';
const child = spawn("sh", ["-c", bound, opencode], { env, stdio: ["pipe", "pipe", "inherit"], cwd: home });
/** @type {string} */
const origin = await new Promise((resolve, reject) => {
  child.once("exit", () => reject(new Error("opencode ended before it was ready.")));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [address] = /http:\/\/\S+/.exec(line) ?? [];
    if (address !== undefined) {
      resolve(address);
    }
  });
});

/** @returns {Promise<any>} */
async function ask(/** @type {"GET" | "POST"} */ method, /** @type {string} */ path, /** @type {object} */ body = {}) {
  const response = await fetch(new URL(path, origin), {
    method,
    ...(method === "POST" && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${text}`);
  }
  return JSON.parse(text);
}

async function connect() {
  const { [SERVER]: found } = await ask("GET", "/mcp");
  if (found.status === "connected") {
    return;
  }
  console.error(JSON.stringify(found));
  const authenticated = await ask("POST", `/mcp/${SERVER}/auth/authenticate`);
  if (authenticated.status !== "connected") {
    throw new Error(JSON.stringify(authenticated));
  }
}

/** Gives the model its turn. */
async function prompt(/** @type {string} */ text) {
  const { id } = await ask("POST", "/session");
  await ask("POST", `/session/${id}/message`, { model: MODEL, parts: [{ type: "text", text }] });
  const messages = await ask("GET", `/session/${id}/message`);
  return messages.flatMap((/** @type {any} */ { parts }) => parts);
}

async function take(/** @type {string} */ step) {
  const [tool = "", argument = "{}"] = step.split(/=(.*)/s);
  if (tool === "list") {
    await prompt("Which tools are there?");
    return { tools: offered.map((name) => ({ name })) };
  }
  nextCall = { name: `${SERVER}_${tool}`, arguments: argument };
  const parts = await prompt(`Call ${tool}.`);
  const { state } = parts.find((/** @type {any} */ { type }) => type === "tool");
  if (state.status !== "completed") {
    throw new Error(state.error);
  }
  return { structuredContent: JSON.parse(state.output) };
}

try {
  await connect();
  for (const step of steps) {
    if (step === "log out") {
      spawnSync(opencode, ["mcp", "logout", SERVER], { env, stdio: ["ignore", 2, "ignore"], cwd: home });
    } else {
      console.log(JSON.stringify(await take(step)));
    }
  }
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
child.stdin.end();
model.close();
model.closeAllConnections();
