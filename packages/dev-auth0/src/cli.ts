#!/usr/bin/env node
// A file of its own: the entry of the command.
import { run } from "./run.ts";

const outcome = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
if ("exitCode" in outcome) {
  process.exitCode = outcome.exitCode;
} else {
  const stop = () => void outcome.auth0.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}
