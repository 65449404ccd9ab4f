import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { callEndpoint, jsonOf } from "../proxy/testing/call-endpoint.ts";
import { Auth0Provider } from "./auth0.ts";
import { createTestContext } from "./testing/context.ts";

const MINIMAL = {
  configUrl: "https://tenant.eu.auth0.com/.well-known/openid-configuration",
  clientId: "a client id",
  clientSecret: "hunter22hunter22hunter22hunter22",
  audience: "https://api.example.com",
  baseUrl: "https://mcp.example.com",
};

/** The authorization server metadata of a server with this setting. */
async function metadataWith(clientIdMetadataHosts?: string): Promise<unknown> {
  const options = clientIdMetadataHosts === undefined ? MINIMAL : { ...MINIMAL, clientIdMetadataHosts };
  const { endpoints } = await new Auth0Provider(options).authenticate(createTestContext());
  return (await jsonOf(callEndpoint(endpoints, "/.well-known/oauth-authorization-server"))).body;
}

describe("_CLIENT_ID_METADATA_HOSTS", () => {
  it("leaves client id metadata documents on when it is left out, and when it names hosts", async () => {
    expect(await metadataWith()).toMatchObject({ client_id_metadata_document_supported: true });
    expect(await metadataWith("Claude.ai, *.example.com")).toMatchObject({
      client_id_metadata_document_supported: true,
    });
  });

  it("turns them off with []", async () => {
    expect(await metadataWith("[]")).toMatchObject({ client_id_metadata_document_supported: false });
  });

  it.each(["example.com:8443", "*.example.com:8443", "Example.com:443", "*"])("takes %s", async (host) => {
    expect(await metadataWith(host)).toMatchObject({ client_id_metadata_document_supported: true });
  });

  it.each([
    ...[
      "https://claude.ai",
      "claude.ai/oauth",
      "localhost",
      "*.",
      "*claude.ai",
      "127.0.0.1:8080",
      "127.0.0.1",
      "[::1]",
    ],
    ...["claude.ai:", "claude.ai:0", "claude.ai:65536", "claude.ai:https", "claude.ai:443:443", "*:8443", ":443"],
  ])("refuses %s, which is not a public host, and names it", (host) => {
    const configure = () => new Auth0Provider({ ...MINIMAL, clientIdMetadataHosts: host });
    expect(configure).toThrow(ConfigError);
    expect(configure).toThrow(`\`${host}\` is not a host`);
  });
});
