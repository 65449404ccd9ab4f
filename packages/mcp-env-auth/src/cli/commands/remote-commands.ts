import { defineCommand, UsageError } from "../command.ts";

/** Of each command that talks to a server. */
const REMOTE_OPTIONS = {
  url: {
    type: "string",
    placeholder: "<url>",
    description: "the MCP endpoint; default: of the server that the environment describes",
  },
  as: {
    type: "string",
    placeholder: "<user>",
    description: "log in at dev-auth0 as this user, without a browser",
  },
} as const;

export const callCommand = defineCommand({
  name: "call",
  summary: "call a tool of a server, after a login where one is needed",
  details: [
    "Works with any MCP server over HTTP that logs its users in by OAuth. Your browser opens when a login is needed, also when the tool needs a scope that the kept tokens lack. Tokens are kept for the next call, in a file that only you can read.",
    "With --as, a server on this machine whose users log in at dev-auth0 is called without a browser, such as in CI. Each user's tokens are kept apart.",
  ],
  argument: { placeholder: "tool", description: "the name of the tool" },
  secondArgument: { placeholder: "input", description: `its input as JSON, such as '{"city":"Berlin"}'` },
  options: { ...REMOTE_OPTIONS, json: { type: "boolean", description: "print the whole result as JSON" } },
  exitCodes: { 0: "the tool answered", 1: "the tool answered an error, or the call was refused" },
  async run({ url, as, json = false }, tool, context, input) {
    if (tool === undefined) {
      throw new UsageError("Name the tool to call. The command tools lists them.");
    }
    const { callTool } = await import("../remote/call-tool.ts");
    const { refusalsInWords } = await import("../remote/remote-session.ts");
    return refusalsInWords(() => callTool({ url, as, tool, input, json }, context));
  },
});

export const toolsCommand = defineCommand({
  name: "tools",
  summary: "list the tools of a server that the user may call",
  details: ["Logs in like the command call, and keeps the tokens like it."],
  options: { ...REMOTE_OPTIONS, json: { type: "boolean", description: "print JSON, with the tools' schemas" } },
  exitCodes: { 0: "done", 1: "the server can't be reached, or refused" },
  async run({ url, as, json = false }, _argument, context) {
    const { listTools } = await import("../remote/list-tools.ts");
    const { refusalsInWords } = await import("../remote/remote-session.ts");
    return refusalsInWords(() => listTools({ url, as, json }, context));
  },
});

export const loginCommand = defineCommand({
  name: "login",
  summary: "log in to a server, for later calls, or end that session",
  details: [
    "Keeps the tokens for the commands call and tools, in a file that only you can read: mcp-env-auth/credentials.json in ~/.local/state, ~/Library/Application Support or %LOCALAPPDATA%.",
  ],
  options: { ...REMOTE_OPTIONS, end: { type: "boolean", description: "end the session, at the server too" } },
  exitCodes: { 0: "done", 1: "the login failed, or the server did not end the session" },
  async run({ url, as, end = false }, _argument, context) {
    const { keepLogin } = await import("../remote/keep-login.ts");
    const { refusalsInWords } = await import("../remote/remote-session.ts");
    return refusalsInWords(() => keepLogin({ url, as, end }, context));
  },
});
