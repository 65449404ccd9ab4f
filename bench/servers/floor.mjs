// The floor: node:http, the check of an RS256 signature, and JSON. It is no MCP server, but answers like one.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { greet } from "./tools.mjs";
import { verifyJwt } from "./verify-jwt.mjs";

createServer(async (request, response) => {
  try {
    await verifyJwt(request.headers.authorization?.slice("Bearer ".length) ?? "");
  } catch {
    response.writeHead(401, { "WWW-Authenticate": "Bearer" }).end();
    return;
  }
  const { id, params } = JSON.parse(await text(request));
  const result = { content: [{ type: "text", text: greet(params.arguments) }] };
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id, result }));
}).listen(Number(process.env.PORT), "127.0.0.1");
