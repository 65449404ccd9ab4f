import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "./free-port.mjs";
import { startProcess } from "./processes.mjs";

/** A shell script that runs a server and waits for it, as many servers are started. */
async function startByScript() {
  const folder = await mkdtemp(path.join(tmpdir(), "processes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const port = await freePort();
  const server = `require("node:http").createServer((_, answer) => answer.end()).listen(${port}, "127.0.0.1")`;
  const script = path.join(folder, "start.sh");
  await writeFile(script, `'${process.execPath}' -e '${server}' &\nwait\n`);
  const url = `http://127.0.0.1:${port}/`;
  return { url, running: await startProcess({ name: "A server", program: "sh", script, readyUrl: url }) };
}

it.each(["stop", "kill"] as const)("%s() ends what a shell script runs, and not the script alone", async (how) => {
  const { url, running } = await startByScript();
  expect((await fetch(url)).status).toBe(200);
  await running[how]();
  await expect
    .poll(() =>
      fetch(url).then(
        () => "answers",
        () => "gone",
      ),
    )
    .toBe("gone");
});
