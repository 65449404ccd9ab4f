import { startDevAuth0 } from "dev-auth0";
import * as oauth from "openid-client";
import { Browser, logIn } from "test-support/browser";
import { describe, expect, it, onTestFinished } from "vitest";
import { createProofKey } from "../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import { startJwtIssuer } from "../packages/mcp-env-auth/src/providers/testing/jwt-issuer.ts";
import { launchInProcess, startInProcess, until } from "./support/in-process.ts";
import { WHOAMI } from "./support/oauth-steps.ts";

const CALLBACK = "http://127.0.0.1:1/callback";
const HEADERS = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };

describe("a client with a library that knows DPoP", () => {
  it("registers, logs in, calls a tool and refreshes with tokens that are bound to its key", async () => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const server = await startInProcess({ auth0 });
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);

    const config = await oauth.dynamicClientRegistration(
      new URL(server.origin),
      { redirect_uris: [CALLBACK], dpop_bound_access_tokens: true, token_endpoint_auth_method: "none" },
      oauth.None(),
      { algorithm: "oauth2", execute: [oauth.allowInsecureRequests] },
    );
    expect(config.serverMetadata().dpop_signing_alg_values_supported).toContain("ES256");
    const keys = await oauth.randomDPoPKeyPair("ES256");
    const DPoP = oauth.getDPoPHandle(config, keys);
    const verifier = oauth.randomPKCECodeVerifier();
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      dpop_jkt: await DPoP.calculateThumbprint(),
      resource: server.url,
      state: "s",
    });
    const redirect = await logIn(new Browser(), url.href, { redirectUri: CALLBACK, username: "alice" });
    const checks = { pkceCodeVerifier: verifier, expectedState: "s" };
    const tokens = await oauth.authorizationCodeGrant(config, redirect, checks, undefined, { DPoP });
    expect(tokens.token_type).toBe("dpop");

    const call = async (accessToken: string) => {
      const body = JSON.stringify(WHOAMI);
      const headers = new Headers(HEADERS);
      const { status } = await oauth.fetchProtectedResource(
        config,
        accessToken,
        new URL(server.url),
        "POST",
        body,
        headers,
        {
          DPoP,
        },
      );
      return status;
    };
    expect(await call(tokens.access_token)).toBe(200);
    expect((await server.call(tokens.access_token)).status).toBe(401);
    const renewed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "", undefined, { DPoP });
    expect([renewed.token_type, await call(renewed.access_token)]).toEqual(["dpop", 200]);
  });
});

describe("a provider's own token that is bound to a key (cnf.jkt)", () => {
  it("is good at a resource server with a proof only", async () => {
    const paths = { jwks: "/jwks.json", metadata: "/.well-known/oauth-authorization-server" };
    const issuer = await startJwtIssuer(paths, () => ({}));
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const port = { url: "" };
    const server = await launchInProcess({
      auth0,
      baseUrl: "http://mcp.test",
      env: {
        FASTMCP_SERVER_AUTH: "JWT",
        FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${issuer.origin}/jwks.json`,
        FASTMCP_SERVER_AUTH_JWT_ISSUER: issuer.origin,
        FASTMCP_SERVER_AUTH_JWT_AUDIENCE: "the-api",
        FASTMCP_SERVER_AUTH_JWT_BASE_URL: "http://127.0.0.1:1",
      },
    });
    onTestFinished(() => server.close());
    port.url = "http://127.0.0.1:1/mcp";
    const key = await createProofKey();
    const call = async (token: string, scheme: string, proof?: string) => {
      const headers = { ...HEADERS, Authorization: `${scheme} ${token}`, ...(proof !== undefined && { DPoP: proof }) };
      return (await fetch(server.url, { method: "POST", headers, body: JSON.stringify(WHOAMI) })).status;
    };
    const claims = { iss: issuer.origin, aud: "the-api" };
    const bound = await issuer.sign({ ...claims, cnf: { jkt: key.jkt } });
    const proof = () => key.sign("POST", port.url, { accessToken: bound });
    expect(await call(bound, "DPoP", await proof())).toBe(200);
    expect(await call(bound, "Bearer")).toBe(401);
    expect(await call(bound, "Bearer", await proof())).toBe(401);
    const thief = await createProofKey();
    expect(await call(bound, "DPoP", await thief.sign("POST", port.url, { accessToken: bound }))).toBe(401);
    const broken = await issuer.sign({ ...claims, cnf: { jkt: 1 } });
    expect(await call(broken, "Bearer")).toBe(401);
    expect(await call(await issuer.sign(claims), "Bearer")).toBe(200);
  });
});
