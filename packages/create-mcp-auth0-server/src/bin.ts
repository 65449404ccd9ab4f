import path from "node:path";
import { run } from "./cli.ts";
import { endWith, outliveReader } from "./process-events.ts";
import type { KnownSettings } from "./settings.ts";

/** Set by the build. */
declare const VERSION: string;
declare const SETTINGS: KnownSettings;

outliveReader(process.stdout, process.stderr);
void run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: VERSION,
  source: { templateRoot: path.join(__dirname, "templates"), ...SETTINGS },
}).then((exitCode) => {
  endWith(exitCode, process.env);
});
