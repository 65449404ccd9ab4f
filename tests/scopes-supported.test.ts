import { startDevAuth0 } from "dev-auth0";
import { expect, it, onTestFinished } from "vitest";
import { startInProcess } from "./support/in-process.ts";

const REMOTE = "FASTMCP_SERVER_AUTH_REMOTE_";
const API = "https://weather.example.com/api";

it("clients are told SCOPES_SUPPORTED, while tokens must carry the required scopes", async () => {
  const machine = { clientId: "nightly", clientSecret: "nightly secret", type: "machine" } as const;
  const auth0 = await startDevAuth0({ applications: [machine] });
  onTestFinished(() => auth0.close());
  const server = await startInProcess({
    auth0,
    env: {
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.RemoteAuthProvider",
      [`${REMOTE}ISSUER`]: auth0.issuer,
      [`${REMOTE}JWKS_URI`]: `${auth0.issuer}.well-known/jwks.json`,
      [`${REMOTE}AUDIENCE`]: API,
      [`${REMOTE}BASE_URL`]: "https://mcp.example.com",
      [`${REMOTE}REQUIRED_SCOPES`]: "weather:read",
      [`${REMOTE}SCOPES_SUPPORTED`]: `${API}/weather:read ${API}/weather:write`,
    },
  });
  const challenge = (await server.call(undefined)).headers.get("www-authenticate");
  expect(challenge).toContain(`scope="${API}/weather:read ${API}/weather:write"`);
  const metadata = await (await fetch(`${server.origin}/.well-known/oauth-protected-resource/mcp`)).json();
  expect(metadata).toMatchObject({ scopes_supported: [`${API}/weather:read`, `${API}/weather:write`] });
  const tokenWith = async (scope: string) => {
    const answer = await fetch(`${auth0.issuer}oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: machine.clientId,
        client_secret: machine.clientSecret,
        audience: API,
        scope,
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  expect((await server.call(await tokenWith("weather:read"))).status).toBe(200);
  expect((await server.call(await tokenWith("weather:write"))).status).toBe(403);
});
