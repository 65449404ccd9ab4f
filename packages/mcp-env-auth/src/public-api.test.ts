import { describe, expect, it } from "vitest";
import * as main from "./index.ts";
import * as providers from "./providers/entry.ts";

describe("the public API", () => {
  it("of the package is small, and named", () => {
    expect(Object.keys(main).sort()).toEqual([
      "Auth0Provider",
      "ConfigError",
      "OAuthError",
      "ToolError",
      "createServer",
      "exchangeToken",
      "getAccessToken",
      "protect",
      "readVariable",
      "tenantKey",
    ]);
  });

  it("of mcp-env-auth/providers holds the other providers, and what new ones are made with", () => {
    expect(Object.keys(providers).sort()).toMatchSnapshot();
  });
});
