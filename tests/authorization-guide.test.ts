import { readFileSync } from "node:fs";
import path from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { describe, expect, it, onTestFinished } from "vitest";
import { parsePolicyFile } from "../packages/mcp-env-auth/src/authorization/parse-policy-file.ts";
import { repository } from "./support/scaffolder.ts";

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");
const GUIDE = read("docs/authorization.md");
const blocks = (language: string) =>
  [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
const plain = (text: string) => text.replace(/\s+/g, " ");

describe("docs/authorization.md", () => {
  it("shows code of the example, which compiles", () => {
    const example = plain(read("examples/newsroom.ts"));
    const shown = blocks("ts");
    expect(shown.length).toBeGreaterThan(2);
    for (const snippet of shown) {
      expect(example).toContain(plain(snippet).trim());
    }
  });

  it("shows the policy of the example, which the server takes", () => {
    const [shown = ""] = blocks("json");
    expect(parsePolicyFile(shown).problems).toEqual([]);
    const { $schema: _at, ...policy } = JSON.parse(shown);
    const { $schema: _here, ...example } = JSON.parse(read("examples/newsroom.authorization.json"));
    expect(policy).toEqual(example);
  });

  it("has a policy that fits the example", async () => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const { stop } = await startProcess({
      name: "The example",
      script: path.join(repository, "examples/dist/newsroom.js"),
      env: {
        ...auth0.env(origin),
        FASTMCP_PORT: String(port),
        FASTMCP_AUTHORIZATION_FILE: path.join(repository, "examples/newsroom.authorization.json"),
        FASTMCP_SERVER_AUTH_AUTH0_ROLES_CLAIM: "https://example.com/roles",
      },
      readyUrl: `${origin}/readyz`,
    });
    await stop();
  });

  it("names variables that there are", () => {
    const reference = read("docs/environment.md");
    const named = [...GUIDE.matchAll(/FASTMCP_[A-Z0-9_]+/g)].map(([name]) => name);
    expect(named.filter((name) => !reference.includes(`${name}\``))).toEqual([]);
  });
});
