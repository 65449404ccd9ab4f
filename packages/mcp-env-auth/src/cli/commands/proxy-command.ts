import { defineCommand, UsageError } from "../command.ts";

export const proxyCommand = defineCommand({
  name: "proxy",
  summary: "put the login of this .env in front of an MCP server in any language",
  details: [
    "Serves an MCP endpoint that another MCP server answers, over Streamable HTTP or stdio. Logins, tokens, rate limits, quotas and the log of calls are as with a server of this package, from the same .env. Clients' tokens never reach the other server. It runs until it is stopped.",
    "Nobody but the gateway should be able to reach a server over HTTP: let it listen on 127.0.0.1, or in a private network. Of a command, as in proxy -- python server.py, each user gets a process, which is told of its user by MCP_USER_SUBJECT and other variables.",
  ],
  rest: { placeholder: "command", description: "the command of a server that speaks stdio, after --" },
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
  async run({ upstream, name, host, port }, _argument, context, _second, command = []) {
    if (upstream !== undefined && command.length > 0) {
      throw new UsageError("Choose one of --upstream and a command after --.");
    }
    if (port !== undefined && !/^\d{1,5}$/.test(port)) {
      throw new UsageError(`--port needs a number (got ${JSON.stringify(port)}).`);
    }
    const { createGateway } = await import("../../gateway.ts");
    const gateway = createGateway({
      upstream: command.length > 0 ? command : upstream,
      ...(name !== undefined && { name }),
      env: context.env,
    });
    await gateway.run({ host, port: port === undefined ? undefined : Number(port) });
    return 0;
  },
});
