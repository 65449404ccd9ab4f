// npm run demo: a new project, one login and one tool call, step by step, against a local stand-in for Auth0.
import { setup } from "./support/setup.mjs";

setup();
const { runDemo } = await import("./demo/run.mjs");
process.exitCode = await runDemo();
