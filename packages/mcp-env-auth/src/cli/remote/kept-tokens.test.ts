import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { credentialsPath, openCredentials } from "./kept-tokens.ts";

const URL_A = new URL("https://a.test/mcp");
const ISSUER = "https://as.test";
const tokens = (access_token: string) => ({ access_token, token_type: "Bearer" });

function path(): string {
  const folder = mkdtempSync(join(tmpdir(), "credentials-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "mcp-env-auth", "credentials.json");
}

describe("the credentials file", () => {
  it("keeps what each issuer gave, and gives it to no other issuer or server", () => {
    const file = path();
    const credentials = openCredentials(URL_A, file);
    credentials.write(ISSUER, { client: { client_id: "c" }, tokens: tokens("a") });
    credentials.write("https://other.test", { tokens: tokens("b") });
    const again = openCredentials(URL_A, file);
    expect(again.read(ISSUER)).toEqual({ client: { client_id: "c" }, tokens: tokens("a") });
    expect(again.read()).toEqual({ tokens: tokens("b") });
    expect(again.read("https://third.test")).toEqual({});
    expect(openCredentials(new URL("https://b.test/mcp"), file).read()).toEqual({});
  });

  it.skipIf(process.platform === "win32")("can be read by its user only, whatever mode it had", () => {
    const file = path();
    const credentials = openCredentials(URL_A, file);
    credentials.write(ISSUER, { tokens: tokens("a") });
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    rmSync(file);
    writeFileSync(file, "{}", { mode: 0o644 });
    credentials.write(ISSUER, { tokens: tokens("a") });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file))).toEqual(["credentials.json"]);
  });

  it("forgets one server's, and starts anew where it can't be understood", () => {
    const file = path();
    const [a, b] = [openCredentials(URL_A, file), openCredentials(new URL("https://b.test/mcp"), file)];
    a.write(ISSUER, { tokens: tokens("a") });
    b.write(ISSUER, { tokens: tokens("b") });
    a.clear();
    expect(a.read()).toEqual({});
    expect(b.read()).toEqual({ tokens: tokens("b") });
    writeFileSync(file, "not JSON");
    expect(b.read()).toEqual({});
    b.write(ISSUER, { tokens: tokens("c") });
    expect(b.read().tokens).toEqual(tokens("c"));
  });

  it("keeps the users apart who log in without a browser", () => {
    const file = path();
    openCredentials(URL_A, file, "alice").write(ISSUER, { tokens: tokens("alice's") });
    openCredentials(URL_A, file).write(ISSUER, { tokens: tokens("mine") });
    expect(openCredentials(URL_A, file, "alice").read()).toEqual({ tokens: tokens("alice's") });
    expect(openCredentials(URL_A, file, "bob").read()).toEqual({});
    expect(openCredentials(URL_A, file).read()).toEqual({ tokens: tokens("mine") });
  });

  it("is where the operating system keeps what is one user's", () => {
    expect(credentialsPath({ XDG_STATE_HOME: "/state" }, "linux")).toBe(
      join("/state", "mcp-env-auth", "credentials.json"),
    );
    expect(credentialsPath({ LOCALAPPDATA: "/local" }, "win32")).toContain(join("/local", "mcp-env-auth"));
    expect(credentialsPath({}, "darwin")).toContain(join("Library", "Application Support", "mcp-env-auth"));
  });
});
