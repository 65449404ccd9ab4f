// What the bundlers are given: a server as anybody writes it.
import { createServer, getAccessToken } from "mcp-env-auth";
import * as z from "zod";

const server = createServer({ name: "Bundled", version: "1.0.0" });
server.registerTool("greet", { inputSchema: z.object({ city: z.string() }) }, ({ city }) => {
  const who = getAccessToken()?.subject ?? "nobody";
  return `Hello ${city}, from ${who}`;
});
server.registerTool("secret", {}, () => "x");
server.registerTool("fails", {}, () => {
  throw new Error("the database is gone");
});
server.run().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
