import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseDotenv } from "../../env/dotenv.ts";
import { useProxy } from "../../proxy/testing/proxy-fixture.ts";
import { callCli, dotenv } from "../testing/call-cli.ts";

const proxy = useProxy();

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const KEY = `${AUTH0}JWT_SIGNING_KEY`;
const OLD = "the old key of more than thirty-two characters";

const variables = {
  FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
  [`${AUTH0}CONFIG_URL`]: "https://acme.eu.auth0.com/.well-known/openid-configuration",
  [`${AUTH0}CLIENT_ID`]: "the-client",
  [`${AUTH0}CLIENT_SECRET`]: "the-client-secret",
  [`${AUTH0}AUDIENCE`]: "https://weather.example.com/api",
  [`${AUTH0}BASE_URL`]: "https://mcp.example.com",
};

/** A folder with an env file; the command runs with it until the test ends. */
function inFolder(text: string, name = ".env") {
  const folder = mkdtempSync(join(tmpdir(), "rotate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return {
    folder,
    path,
    call: (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      callCli(args, { env: { FASTMCP_ENV_FILE: path, ...env } }),
    values: () => Object.fromEntries(parseDotenv(readFileSync(path, "utf8")).values),
  };
}

const keysIn = (values: Readonly<Record<string, string | undefined>>) => ({
  current: values[KEY],
  previous: JSON.parse(values[`${KEY}_PREVIOUS`] ?? "[]"),
  registrations: JSON.parse(values[`${KEY}_REGISTRATIONS`] ?? "[]"),
});

describe("keys rotate", () => {
  it("writes a new key, keeps the old one for what it sealed, and leaves the rest as it is", async () => {
    const { call, values, path, folder } = inFolder(`# Ours\n${dotenv({ ...variables, [KEY]: `'${OLD}'` })}# End\n`);
    chmodSync(path, 0o640);

    const { exitCode, stdout, stderr } = await call(["keys", "rotate"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const { current, previous } = keysIn(values());
    expect(Buffer.from(current ?? "", "base64")).toHaveLength(32);
    expect(previous).toEqual([OLD]);
    expect(stdout).not.toContain(current);
    expect(stdout).not.toContain("the old key of");
    expect(stdout.replace(/\s+/g, " ")).toMatch(/can go from \S+PREVIOUS after 20\d\d-\d\d-\d\d/);
    expect(values()).toMatchObject(variables);
    expect(readFileSync(path, "utf8")).toMatch(/^# Ours\n.*\n# End\n$/s);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual([".env"]);
  });

  it("leaves what the old key sealed valid at the server", async () => {
    const { call, path } = inFolder(dotenv({ ...proxy.auth0.env(proxy.server.address), [KEY]: `'${OLD}'` }));
    const created = await call(["client", "create", "--redirect", "https://claude.ai/api/mcp/auth_callback", "--json"]);
    const explain = () =>
      callCli(["doctor", "--token"], { env: { FASTMCP_ENV_FILE: path }, stdin: JSON.parse(created.stdout).client_id });
    expect((await explain()).stdout).toContain("the current key");
    await call(["keys", "rotate"]);
    expect((await explain()).stdout.replace(/\s+/g, " ")).toContain(`one of ${KEY}_PREVIOUS`);
    await call(["keys", "rotate", "--leaked"]);
    expect((await explain()).stdout.replace(/\s+/g, " ")).toContain(`one of ${KEY}_REGISTRATIONS`);
  });

  it("keeps earlier keys as well, newest first", async () => {
    const { call, values } = inFolder(dotenv({ ...variables, [KEY]: `'${OLD}'` }));
    await call(["keys", "rotate"]);
    const { current } = keysIn(values());
    await call(["keys", "rotate"]);
    expect(keysIn(values()).previous).toEqual([current, OLD]);
  });

  it("rotates away from the client secret, where nothing else seals", async () => {
    const { call, values } = inFolder(dotenv(variables));
    expect((await call(["keys", "rotate"])).exitCode).toBe(0);
    expect(keysIn(values()).previous).toEqual(["the-client-secret"]);
  });

  it("keeps both spellings of a key with invisible ends: earlier releases sealed under the exact one", async () => {
    const { call, values } = inFolder(dotenv({ ...variables, [KEY]: `"${OLD}\u200b"` }));
    expect((await call(["keys", "rotate"])).exitCode).toBe(0);
    expect(keysIn(values()).previous).toEqual([OLD, `${OLD}\u200b`]);
  });

  it("accepts nothing of a leaked key but ids of clients", async () => {
    const previous = `'${JSON.stringify(["an older key of more than thirty-two", OLD])}'`;
    const { call, values } = inFolder(dotenv({ ...variables, [KEY]: `'${OLD}'`, [`${KEY}_PREVIOUS`]: previous }));
    const { exitCode, stdout } = await call(["keys", "rotate", "--leaked"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("All sessions end");
    expect(values()).not.toHaveProperty(`${KEY}_PREVIOUS`);
    expect(keysIn(values()).registrations).toEqual([OLD, "an older key of more than thirty-two"]);
  });

  it("prints the values for another place, and writes nothing", async () => {
    const { call, path } = inFolder(dotenv(variables));
    const before = readFileSync(path, "utf8");
    const { exitCode, stdout } = await call(["keys", "rotate", "--print"], { [KEY]: OLD });
    expect(exitCode).toBe(0);
    expect(keysIn(Object.fromEntries(parseDotenv(stdout).values)).previous).toEqual([OLD]);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("prints which variable has to go, where a key leaked", async () => {
    const { call } = inFolder(dotenv(variables));
    const { stdout, stderr } = await call(["keys", "rotate", "--print", "--leaked"], {
      [KEY]: OLD,
      [`${KEY}_PREVIOUS`]: '["x"]',
    });
    expect(keysIn(Object.fromEntries(parseDotenv(stdout).values)).registrations).toEqual([OLD, "x"]);
    expect(stderr.replace(/\s+/g, " ")).toContain(`Remove ${KEY}_PREVIOUS.`);
    expect((await call(["keys", "rotate", "--print"], { [KEY]: OLD })).stderr).not.toContain("Remove");
  });

  it("writes the file that a link stands for", async () => {
    const { folder, path, values } = inFolder(dotenv({ ...variables, [KEY]: `'${OLD}'` }), "real.env");
    const link = join(folder, "link.env");
    symlinkSync(path, link);
    expect((await callCli(["keys", "rotate"], { env: { FASTMCP_ENV_FILE: link } })).exitCode).toBe(0);
    expect(keysIn(values()).previous).toEqual([OLD]);
    expect(readdirSync(folder).sort()).toEqual(["link.env", "real.env"]);
  });

  it.each([
    ["the process sets the key", { [KEY]: OLD }, KEY],
    ["a file has the key", { [`${KEY}_FILE`]: "key" }, `${KEY}_FILE`],
    ["there is no provider", { FASTMCP_SERVER_AUTH: "none" }, "no signing key to rotate"],
    ["the provider's own tokens are taken", { FASTMCP_SERVER_AUTH: "JWT" }, "no signing key to rotate"],
  ])("changes nothing where %s", async (_why, env, message) => {
    const { call, path, folder } = inFolder(dotenv(variables));
    writeFileSync(join(folder, "key"), OLD);
    const before = readFileSync(path, "utf8");
    const file = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value === "key" ? join(folder, "key") : value]),
    );
    const { exitCode, stdout, stderr } = await call(["keys", "rotate"], file);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr.replace(/\s+/g, " ")).toContain(message);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("needs a file to write to, and takes no argument", async () => {
    const without = await callCli(["keys", "rotate"], { env: variables });
    expect([without.exitCode, without.stderr.includes("--print")]).toEqual([1, true]);
    expect((await callCli(["keys", "rotate", ".env"])).exitCode).toBe(2);
  });
});
