// The bare SDK v2 on Express, open to everyone, as its documentation serves it.
import { createMcpExpressApp } from "@modelcontextprotocol/express";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { buildSdkServer } from "./build-sdk-server.mjs";

const app = createMcpExpressApp();
const node = toNodeHandler(createMcpHandler(buildSdkServer));
app.all("/mcp", (request, response) => void node(request, response, request.body));
app.listen(Number(process.env.PORT), "127.0.0.1");
