import { describe, expect, it } from "vitest";
import { startStandIn } from "../../providers/testing/stand-in.ts";
import { diagnoseEnvironment } from "../testing/diagnosis.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

/** What `doctor` says of an authorization server at which clients register themselves. */
async function diagnose(metadata: Readonly<Record<string, unknown>>) {
  const server = await startStandIn({
    authorizePath: "/authorize",
    tokenPath: "/token",
    issue: () => ({}),
    routes: (origin) => ({ [WELL_KNOWN]: () => ({ json: { issuer: origin, ...metadata } }) }),
  });
  const { of } = await diagnoseEnvironment({
    FASTMCP_SERVER_AUTH: "REMOTE",
    FASTMCP_SERVER_AUTH_REMOTE_ISSUER: server.origin,
    FASTMCP_SERVER_AUTH_REMOTE_JWKS_URI: `${server.origin}/jwks`,
    FASTMCP_SERVER_AUTH_REMOTE_BASE_URL: "http://127.0.0.1:2",
  });
  return of("discovery");
}

const pkce = { code_challenge_methods_supported: ["plain", "S256"] };

describe("the authorization server that clients are sent to", () => {
  it.each([
    ["a registration endpoint", { registration_endpoint: "https://as.example/register" }],
    ["client id metadata documents", { client_id_metadata_document_supported: true }],
  ])("is in order with %s and PKCE", async (_what, metadata) => {
    expect(await diagnose({ ...pkce, ...metadata })).toMatchObject([{ status: "ok" }]);
  });

  it("is to be looked at when clients can't register there, or would go no further for lack of PKCE", async () => {
    const [registration] = await diagnose(pkce);
    expect(registration).toMatchObject({ status: "warning", message: expect.stringContaining("no way to register") });
    expect(registration?.fix).toContain("dynamic client registration");
    const [challenge] = await diagnose({ registration_endpoint: "https://as.example/register" });
    expect(challenge).toMatchObject({ status: "warning", message: expect.stringContaining("S256") });
    expect(challenge?.fix).toContain("PKCE");
  });
});
