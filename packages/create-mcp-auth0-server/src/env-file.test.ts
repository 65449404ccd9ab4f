import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { type DeclaredVariable, renderEnvFile } from "./env-file.ts";

const CONFIG_URL: DeclaredVariable = {
  name: "X_CONFIG_URL",
  description: "The discovery document.",
  required: true,
  secret: false,
  example: "https://tenant.us.auth0.com/.well-known/openid-configuration",
  where: "Applications > your application > Settings > Domain",
};
const SECRET: DeclaredVariable = {
  name: "X_SECRET",
  description: "Hush.",
  required: true,
  secret: true,
  example: "aaa",
};
const KEY: DeclaredVariable = { name: "X_KEY", description: "Seals tokens.", required: false, secret: true };
const PATH: DeclaredVariable = {
  name: "X_PATH",
  description: "Where the provider sends the browser back to.",
  required: false,
  secret: false,
  default: "/auth/callback",
};
const ALL = [CONFIG_URL, SECRET, KEY, PATH];

describe(".env", () => {
  it("has each variable under what it means, optional ones as comments", () => {
    expect(renderEnvFile(["Settings."], ALL, { X_CONFIG_URL: "https://a.example/x", X_SECRET: "s#1" })).toBe(
      `# Settings.

# The discovery document.
# Where: Applications > your application > Settings > Domain
X_CONFIG_URL=https://a.example/x

# Hush.
X_SECRET='s#1'

# Seals tokens.
# X_KEY=

# Where the provider sends the browser back to.
# X_PATH=/auth/callback
`,
    );
  });

  it("leaves what is still to be filled in empty, with an example above", () => {
    const file = renderEnvFile(["Settings."], ALL, {});
    expect(file).toContain(`# Example: ${CONFIG_URL.example}\nX_CONFIG_URL=\n`);
    expect(parseEnv(file)).toEqual({ X_CONFIG_URL: "", X_SECRET: "" });
  });

  it("wraps long explanations and keeps each line a comment", () => {
    const long = { ...PATH, description: "word ".repeat(60).trim() };
    const lines = renderEnvFile(["Settings."], [long], {}).trim().split("\n").slice(2);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => line.startsWith("# ") && line.length <= 110)).toBe(true);
  });

  it("refuses to corrupt a value", () => {
    expect(() => renderEnvFile([], [PATH], { X_PATH: "a\nEVIL=1" })).toThrow(/X_PATH.*line break/);
  });
});
