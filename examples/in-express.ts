/** An MCP server in an Express app that has other routes. */
import express from "express";
import { createServer, getAccessToken, readVariable } from "mcp-env-auth";

const server = createServer({ name: "Who am I", version: "1.0.0" });

server.registerTool("whoami", { description: "Who the server thinks you are." }, () => getAccessToken().subject);

const app = express();
await server.mount(app);
app.use(express.json());
app.get("/about", (_request, response) => {
  response.send("My own page");
});

const http = app.listen(Number(readVariable("FASTMCP_PORT") ?? 8000), "127.0.0.1");

process.once("SIGTERM", async () => {
  http.close();
  await server.close();
});
