/** An MCP server in front of a Fastify app. What is not the MCP server's goes on to Fastify. */
import { createServer as createHttpServer } from "node:http";
import express from "express";
import Fastify from "fastify";
import { createServer, getAccessToken, readVariable } from "mcp-env-auth";

const server = createServer({ name: "Who am I", version: "1.0.0" });

server.registerTool("whoami", { description: "Who the server thinks you are." }, () => getAccessToken().subject);

const front = express();
await server.mount(front);

const app = Fastify({
  serverFactory(handler) {
    front.use((request, response) => handler(request, response));
    return createHttpServer(front);
  },
});
app.get("/about", async () => "My own page");

await app.listen({ port: Number(readVariable("FASTMCP_PORT") ?? 8000), host: "127.0.0.1" });

process.once("SIGTERM", async () => {
  await app.close();
  await server.close();
});
