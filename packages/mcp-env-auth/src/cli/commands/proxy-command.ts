import { defineCommand, UsageError } from "../command.ts";

export const proxyCommand = defineCommand({
  name: "proxy",
  summary: "put the login of this .env in front of an MCP server in any language",
  details: [
    "Serves an MCP endpoint that another MCP server answers over Streamable HTTP. Logins, tokens, rate limits, quotas and the log of calls are as with a server of this package, from the same .env. Clients' tokens never reach the other server. It runs until it is stopped.",
    "Nobody but the gateway should be able to reach the other server: let it listen on 127.0.0.1, or in a private network.",
  ],
  options: {
    upstream: {
      type: "string",
      placeholder: "<url>",
      description: "the address of the other server's endpoint; default: FASTMCP_UPSTREAM_URL",
    },
    name: { type: "string", placeholder: "<name>", description: "what users read on the consent page" },
    host: { type: "string", placeholder: "<address>", description: "the address to listen on; over FASTMCP_HOST" },
    port: { type: "string", placeholder: "<port>", description: "the port to listen on; over FASTMCP_PORT" },
  },
  exitCodes: { 0: "stopped by a signal", 1: "the configuration is invalid, or the port can't be opened" },
  async run({ upstream, name, host, port }, argument, context) {
    if (argument !== undefined) {
      throw new UsageError("proxy takes no argument. Name the other server by --upstream http://…");
    }
    if (port !== undefined && !/^\d{1,5}$/.test(port)) {
      throw new UsageError(`--port needs a number (got ${JSON.stringify(port)}).`);
    }
    const { createGateway } = await import("../../gateway.ts");
    const gateway = createGateway({ upstream, ...(name !== undefined && { name }), env: context.env });
    await gateway.run({ host, port: port === undefined ? undefined : Number(port) });
    return 0;
  },
});
