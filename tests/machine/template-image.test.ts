import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository } from "../support/scaffolder.ts";
import { commandOf, createDockerignore, type Instruction, readStages } from "./support/dockerfile.ts";
import { type Published, publish } from "./support/published.ts";

const TEMPLATE = path.join(repository, "templates/weather");
const [buildStage = [], finalStage = []] = readStages(readFileSync(path.join(TEMPLATE, "Dockerfile"), "utf8"));

let published: Published;
let context: string;
let build: string;
let image: string;

beforeAll(async () => {
  published = await publish();
  [context, build, image] = ["context", "build", "image"].map((name) => path.join(published.home, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [build, image]) {
    mkdirSync(folder);
  }
  const isIgnored = createDockerignore(readFileSync(path.join(TEMPLATE, ".dockerignore"), "utf8"));
  const tracked = execFileSync("git", ["ls-files"], { cwd: TEMPLATE, encoding: "utf8" }).trim().split("\n");
  for (const file of tracked.filter((name) => !isIgnored(name))) {
    cpSync(path.join(TEMPLATE, file), path.join(context, file));
  }
});

afterAll(() => published?.close());

/** Does what COPY does, with `/app` as the working directory. */
function copy({ text }: Instruction, to: string): void {
  const fromBuild = text.startsWith("--from=build ");
  const words = text.replace(/^--from=build /, "").split(" ");
  const target = words.pop() ?? "";
  for (const pattern of words) {
    const from = fromBuild ? build : context;
    const relative = pattern.replace(/^\/app\//, "");
    const expression = new RegExp(`^${relative.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
    for (const name of readdirSync(from).filter((entry) => expression.test(entry))) {
      cpSync(path.join(from, name), path.join(to, target.endsWith("./") ? name : target), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }
}

// The registry is in this process: it could not answer while another is waited for.
function runShell(line: string): Promise<{ code: number | null; output: string }> {
  const child = spawn("sh", ["-c", line], { cwd: build, env: published.env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });
}

describe("the Dockerfile", { timeout: 180_000 }, () => {
  it("builds in a clean directory, by its own RUN lines", async () => {
    for (const instruction of buildStage) {
      if (instruction.name === "COPY") {
        copy(instruction, build);
      }
      if (instruction.name !== "RUN") {
        continue;
      }
      const { code, output } = await runShell(instruction.text);
      expect(code, `${instruction.text}\n${output}`).toBe(0);
    }
    for (const instruction of finalStage.filter(({ name }) => name === "COPY")) {
      copy(instruction, image);
    }
  });

  it("leaves in the image what the server needs, and nothing else", () => {
    expect(readdirSync(image).sort()).toEqual(["dist", "node_modules", "package.json"]);
    for (const name of ["typescript", "vitest", "dev-auth0"]) {
      expect(existsSync(path.join(image, "node_modules", name)), name).toBe(false);
    }
    expect(readdirSync(path.join(image, "dist")).filter((name) => /^client$|test/.test(name))).toEqual([]);
  });

  it("runs as an unprivileged user", () => {
    expect(finalStage.find(({ name }) => name === "USER")?.text).toBe("1000");
  });

  it("starts by its own CMD, on every interface, and its health check tells whether it runs", async () => {
    const auth0 = await startDevAuth0();
    const port = await freePort();
    const [, ...args] = commandOf(finalStage.find(({ name }) => name === "CMD") as Instruction);
    const [, ...healthArgs] = commandOf(finalStage.find(({ name }) => name === "HEALTHCHECK") as Instruction);
    const env = Object.fromEntries(
      finalStage
        .filter(({ name }) => name === "ENV")
        .flatMap(({ text }) => text.split(" ").map((pair) => pair.split("=") as [string, string])),
    );
    expect(env).toEqual({ NODE_ENV: "production", FASTMCP_HOST: "0.0.0.0" });
    const isHealthy = () =>
      spawnSync(process.execPath, healthArgs, { env: { FASTMCP_PORT: String(port) }, timeout: 10_000 }).status === 0;

    expect(isHealthy()).toBe(false);
    const server = await startProcess({
      name: "The image's command",
      script: path.join(image, ...args),
      env: { ...auth0.env(`http://localhost:${port}`), ...env, FASTMCP_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    expect(isHealthy()).toBe(true);
    await server.stop();
    expect(isHealthy()).toBe(false);
    await auth0.close();
  });
});
