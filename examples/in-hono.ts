/** An MCP server in front of a Hono app on Node.js. What is not the MCP server's goes on to Hono. */
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { createServer, getAccessToken, readVariable } from "mcp-env-auth";

const server = createServer({ name: "Who am I", version: "1.0.0" });

server.registerTool("whoami", { description: "Who the server thinks you are." }, () => getAccessToken().subject);

const app = new Hono();
app.get("/about", (context) => context.text("My own page"));

const front = express();
await server.mount(front);
front.use(getRequestListener(app.fetch));

const http = front.listen(Number(readVariable("FASTMCP_PORT") ?? 8000), "127.0.0.1");

process.once("SIGTERM", async () => {
  http.close();
  await server.close();
});
