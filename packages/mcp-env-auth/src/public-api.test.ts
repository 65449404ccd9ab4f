import { describe, expect, it } from "vitest";
import * as main from "./index.ts";
import * as providers from "./providers/entry.ts";
import * as sdk from "./sdk/handler-tools.ts";
import * as testing from "./test-server.ts";

describe("the public API", () => {
  it("of the package is small, and named", () => {
    expect(Object.keys(main).sort()).toEqual([
      "Auth0Provider",
      "ConfigError",
      "OAuthError",
      "ToolError",
      "createGateway",
      "createServer",
      "exchangeToken",
      "getAccessToken",
      "getUserInfo",
      "protect",
      "readVariable",
      "tenantKey",
    ]);
  });

  it("of mcp-env-auth/sdk is what registrations and handlers need of the MCP SDK", () => {
    expect(Object.keys(sdk).sort()).toEqual([
      "ProtocolError",
      "ProtocolErrorCode",
      "ResourceNotFoundError",
      "ResourceTemplate",
      "acceptedContent",
      "completable",
      "createRequestStateCodec",
      "fromJsonSchema",
      "inputRequired",
      "inputResponse",
    ]);
  });

  it("of mcp-env-auth/testing starts a server, and names its refusals", () => {
    expect(Object.keys(testing).sort()).toEqual(["TestRefusal", "startTestServer"]);
  });

  it("of mcp-env-auth/providers holds the other providers, and what new ones are made with", () => {
    expect(Object.keys(providers).sort()).toMatchSnapshot();
  });
});
