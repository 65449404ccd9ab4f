// npm start: the weather server and a local stand-in for Auth0, for any MCP client on this machine.
import { setup } from "./support/setup.mjs";

setup();
const { serve } = await import("./start/serve.mjs");
process.exitCode = await serve();
