// An MCP server on stdio, as simple as one can be. Its tool says what to do.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

if (process.argv[2] === "crash") {
  process.exit(3);
}
let questions = 0;
/** @type {Map<unknown, (answer: any) => void>} */
const waiting = new Map();
/** @param {object} message */
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
/** @param {unknown} id @param {unknown} text */
const answer = (id, text) => send({ id, result: { content: [{ type: "text", text: String(text) }] } });

/** @type {Record<string, (id: unknown, message: any) => void>} */
const tools = {
  whoami: (id) => answer(id, `${process.env.MCP_USER_SUBJECT} ${process.env.MCP_USER_SCOPE}`),
  env: (id) => answer(id, JSON.stringify(process.env)),
  pid: (id) => answer(id, process.pid),
  child: (id) => answer(id, `${process.pid} ${spawn("sleep", ["1000"], { stdio: "ignore" }).pid}`),
  exit: () => process.exit(1),
  hang() {},
  flood() {
    const chunk = "x".repeat(1024 * 1024);
    const write = () => process.stdout.write(chunk, write);
    write();
  },
  noise(id) {
    process.stdout.write("hello\n{}\n[1]\n");
    process.stderr.write("a line for the log\n");
    answer(id, "quiet again");
  },
  progress(id, { params }) {
    send({ method: "notifications/progress", params: { progressToken: params._meta.progressToken, progress: 1 } });
    answer(id, "done");
  },
  ask(id) {
    questions += 1;
    waiting.set(questions, ({ result }) => answer(id, `So it is ${result.content.city}`));
    const requestedSchema = { type: "object", properties: { city: { type: "string" } } };
    send({ id: questions, method: "elicitation/create", params: { message: "Which city?", requestedSchema } });
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === "initialize") {
    const { protocolVersion } = message.params;
    const serverInfo = { name: "stdio", version: "1" };
    send({ id: message.id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (message.method === "tools/list") {
    const listed = Object.keys(tools).map((name) => ({ name, inputSchema: { type: "object" } }));
    send({ id: message.id, result: { tools: listed } });
  } else if (message.method === "tools/call") {
    tools[message.params.name]?.(message.id, message);
  } else if (message.method === undefined) {
    waiting.get(message.id)?.(message);
  } else if (message.id !== undefined) {
    send({ id: message.id, error: { code: -32601, message: "Method not found" } });
  }
});
