import { describe, expect, it } from "vitest";
import { refuseSwallowedOptions } from "./npm-arguments.ts";

const NPX = { npm_config_user_agent: "npm/11.19.1 node/v20.20.2 linux x64", npm_lifecycle_event: "npx" };

describe("options that npm kept for itself", () => {
  it("are named, with the way to write them", () => {
    const env = {
      ...NPX,
      npm_config_domain: "true",
      npm_config_client_id: "true",
      npm_config_scopes: "a",
      npm_config_install: "",
      npm_config_git: "false",
    };
    expect(() => refuseSwallowedOptions([], env)).toThrow(
      "npm kept --domain --client-id --scopes --no-install --no-git for itself. It passes on options after a -- only:\n" +
        "  npm create mcp-auth0-server@latest my-app -- --domain … --client-id … --scopes … --no-install --no-git",
    );
  });

  it("are not seen in npm's own settings", () => {
    const env = { ...NPX, npm_config_yes: "true", npm_config_audit: "", npm_config_git: "/usr/bin/git" };
    expect(() => refuseSwallowedOptions([], env)).not.toThrow();
  });

  it("are not seen in settings that npm has under the same name", () => {
    const env = { ...NPX, npm_config_force: "true", npm_config_dry_run: "true" };
    expect(() => refuseSwallowedOptions(["app"], env)).not.toThrow();
  });

  it.each([[["app", "--scopes", "openid"]], [["app", "--scopes=openid"]]])(
    "are not seen in those that arrived: %j",
    (args) => {
      expect(() => refuseSwallowedOptions(args, { ...NPX, npm_config_scopes: "x" })).not.toThrow();
    },
  );

  it("are not looked for under another package manager, or in an npm script", () => {
    const kept = { npm_config_domain: "true" };
    expect(() => refuseSwallowedOptions([], { ...kept, npm_config_user_agent: "pnpm/12.21.0 npm/?" })).not.toThrow();
    expect(() => refuseSwallowedOptions([], { ...NPX, ...kept, npm_lifecycle_event: "test" })).not.toThrow();
    expect(() => refuseSwallowedOptions([], kept)).not.toThrow();
  });
});
