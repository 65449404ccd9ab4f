import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API, API_OF_ELLIPTIC_CURVES, startOidcProvider } from "./oidc-provider/start.ts";
import { type Deployment, deploy } from "./support/deployment.ts";
import { discover } from "./support/discovery.ts";
import { DIRECT_CALLBACK, type IdentityProvider } from "./support/identity-provider.ts";
import { RUN } from "./support/steps.ts";

const TIMEOUT = 5 * 60_000;

const SESSIONS = { OFFLINE_ACCESS: "consent", REVOKE_UPSTREAM: "false" };

/** Settings of OIDCProxy that have to be tried at a real provider, and what it has to be set up like. */
const SETTINGS: readonly (readonly [string, Record<string, string>])[] = [
  ["FORWARD_PKCE=false", { FORWARD_PKCE: "false", RESOURCE: API, REQUIRED_SCOPES: "openid tools:use" }],
  ["ALGORITHM", { ALGORITHM: "ES256", RESOURCE: API_OF_ELLIPTIC_CURVES, REQUIRED_SCOPES: "openid tools:use" }],
  ["VERIFY_ID_TOKEN", { VERIFY_ID_TOKEN: "true", REQUIRED_SCOPES: "tools:use" }],
];

describe.each(SETTINGS)("node oidc-provider with %s", (_name, settings) => {
  let provider: IdentityProvider;
  let deployment: Deployment;

  beforeAll(async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const redirectUris = [`${origin}/auth/callback`, DIRECT_CALLBACK];
    provider = await startOidcProvider({ servers: { OIDCProxy: origin }, redirectUris }, { pkce: "optional" });
    const configured = { ...provider, settings: () => ({ ...SESSIONS, ...settings }) };
    deployment = await deploy(configured, await discover(provider.issuer), "OIDCProxy", origin);
  }, TIMEOUT);
  afterAll(async () => {
    await deployment?.stop();
    await provider?.close();
  });

  it.each(["login", "call", "refresh twice", "two refreshes at once", "restart in between"] as const)(
    "%s",
    async (step) => {
      await expect(RUN[step](deployment)).resolves.toBeUndefined();
    },
  );
});
