import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../errors.ts";
import { type DiscoveryOptions, discoverMetadata } from "./discovery.ts";
import { startProvider } from "./testing/provider-server.ts";
import { NoMetadata, UpstreamError } from "./upstream-client.ts";

const VARIABLE = "FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL";
const EXAMPLE = "https://YOUR_TENANT.auth0.com/.well-known/openid-configuration";

function discover(configUrl: string, options: Partial<DiscoveryOptions> = {}) {
  return discoverMetadata({ configUrl: new URL(configUrl), variable: VARIABLE, example: EXAMPLE, ...options });
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail("it was accepted"),
    (error: Error) => error,
  );
}

function document(issuer: string, changes: Record<string, unknown> = {}) {
  const origin = "https://tenant.example";
  return {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    jwks_uri: `${origin}/jwks.json`,
    ...changes,
  };
}

/** A provider whose document, at any path, is what `make` says of its origin. */
async function provider(make: (origin: string) => Record<string, unknown>) {
  const server = await startProvider(() => ({ json: make(server.origin) }));
  return server;
}

describe("discovery", () => {
  it("reads Auth0's document", async () => {
    const auth0 = await startDevAuth0({ sendIssuer: true });
    onTestFinished(() => auth0.close());
    expect(await discover(auth0.configUrl)).toEqual({
      issuer: auth0.issuer,
      authorizationEndpoint: `${auth0.issuer}authorize`,
      tokenEndpoint: `${auth0.issuer}oauth/token`,
      jwksUri: `${auth0.issuer}.well-known/jwks.json`,
      revocationEndpoint: `${auth0.issuer}oauth/revoke`,
      userinfoEndpoint: `${auth0.issuer}userinfo`,
      scopesSupported: expect.arrayContaining(["openid", "offline_access"]),
      claimsSupported: expect.arrayContaining(["sub"]),
      tokenEndpointAuthMethodsSupported: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
      idTokenSigningAlgorithms: ["HS256", "RS256", "PS256"],
      sendsIssuer: true,
    });
  });

  it("takes an absent list of authentication methods for client_secret_basic (RFC 8414 section 2)", async () => {
    const server = await provider((origin) => document(origin));
    const metadata = await discover(`${server.origin}/.well-known/openid-configuration`);
    expect(metadata.tokenEndpointAuthMethodsSupported).toEqual(["client_secret_basic"]);
    expect(metadata.sendsIssuer).toBe(false);
  });

  it.each([
    ["without a path", "/.well-known/openid-configuration", ""],
    ["without a path, with a slash", "/.well-known/openid-configuration", "/"],
    ["with a path", "/realms/one/.well-known/openid-configuration", "/realms/one"],
    ["with a path and a slash", "/realms/one/.well-known/openid-configuration", "/realms/one/"],
    ["of RFC 8414 without a path", "/.well-known/oauth-authorization-server", ""],
    ["of RFC 8414 without a path, with a slash", "/.well-known/oauth-authorization-server", "/"],
    ["of RFC 8414 with a path", "/.well-known/oauth-authorization-server/one", "/one"],
  ])("accepts an issuer %s at the address made from it", async (_title, path, issuerPath) => {
    const server = await provider((origin) => document(origin + issuerPath));
    expect((await discover(server.origin + path)).issuer).toBe(server.origin + issuerPath);
  });

  it.each([
    ["another host", () => "https://another-tenant.example/"],
    ["another path", (origin: string) => `${origin}/one`],
    ["another scheme", (origin: string) => origin.replace("http:", "https:")],
    ["two slashes", (origin: string) => `${origin}//`],
    ["another case", (origin: string) => origin.replace("http", "HTTP")],
  ])("refuses another issuer: %s", async (_title, issuer) => {
    const server = await provider((origin) => document(issuer(origin)));
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).not.toBeInstanceOf(NoMetadata);
    expect(error.message).toContain("another issuer");
    expect(error.message).toContain(issuer(server.origin));
  });

  it("accepts another issuer that the provider is known to have", async () => {
    const server = await provider(() => document("https://identity.example/"));
    const metadata = await discover(`${server.origin}/.well-known/openid-configuration`, {
      otherIssuers: ["https://identity.example/"],
    });
    expect(metadata.issuer).toBe("https://identity.example/");
  });

  it("needs no keys in an RFC 8414 document", async () => {
    const server = await provider((origin) => document(origin, { jwks_uri: undefined }));
    const metadata = await discover(`${server.origin}/.well-known/oauth-authorization-server`);
    expect(metadata).not.toHaveProperty("jwksUri");
  });

  it("follows a redirect within the origin", async () => {
    const server = await startProvider(({ path }) =>
      path === "/moved" ? { json: document(server.origin) } : { status: 307, headers: { location: "/moved" } },
    );
    expect((await discover(`${server.origin}/.well-known/openid-configuration`)).issuer).toBe(server.origin);
  });
});

describe("what is not the provider's metadata is a ConfigError that names the variable, what came back and what to do", () => {
  const permanent: [string, Parameters<typeof startProvider>[0], string][] = [
    ["404", () => ({ status: 404, text: "not found" }), "answered 404"],
    ["403", () => ({ status: 403, json: {} }), "answered 403"],
    ["401", () => ({ status: 401, json: {} }), "answered 401"],
    ["nothing", () => ({ status: 204 }), "answered 204"],
    ["an empty page", () => ({ text: "" }), "did not answer with a JSON object"],
    ["a web page", () => ({ headers: { "content-type": "text/html" }, text: "<html>" }), "a web page"],
    ["a web page that says it is JSON", () => ({ json: undefined, text: "<!doctype html>" }), "a web page"],
    ["text", () => ({ text: "hello" }), "did not answer with a JSON object"],
    ["a JSON array", () => ({ json: [] }), "did not answer with a JSON object"],
    ["no issuer", () => ({ json: { token_endpoint: "https://x.example" } }), '"issuer"'],
    ["too much", () => ({ text: "x".repeat(600_000) }), "bytes"],
    [
      "a redirect to another origin",
      () => ({ status: 302, headers: { location: "https://elsewhere.example/" } }),
      "redirects to https://elsewhere.example",
    ],
    ["a redirect in circles", () => ({ status: 302, headers: { location: "/again" } }), "redirects more than 3 times"],
  ];
  it.each(permanent)("%s", async (_title, answer, found) => {
    const server = await startProvider(answer);
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toBeInstanceOf(NoMetadata);
    expect((error as NoMetadata).found).not.toContain(server.origin);
    expect((error as ConfigError).problems).toHaveLength(1);
    expect(error.message).toContain(`${VARIABLE}: ${server.origin}/.well-known/openid-configuration`);
    expect(error.message).toContain(found);
    expect(error.message).toContain("Open it in a browser");
    expect(error.message).toContain(EXAMPLE);
  });

  it.each(["authorization_endpoint", "token_endpoint", "jwks_uri"])("a document without %s", async (member) => {
    const server = await provider((origin) => document(origin, { [member]: undefined }));
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(`has no "${member}"`);
  });

  it.each([
    ["authorization_endpoint", "http://tenant.example/authorize"],
    ["token_endpoint", "http://tenant.example/oauth/token"],
    ["token_endpoint", "/oauth/token"],
    ["jwks_uri", "ftp://tenant.example/jwks"],
    ["revocation_endpoint", "https://user:password@tenant.example/revoke"],
    ["userinfo_endpoint", 5],
  ])("a %s that is no https address: %s", async (member, value) => {
    const server = await provider((origin) => document(origin, { [member]: value }));
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(`"${member}"`);
  });

  it.each([
    ["http on another machine", "http://tenant.example/.well-known/openid-configuration", "not an https address"],
    ["a user name in it", "https://me:secret@tenant.example/.well-known/openid-configuration", "not an https address"],
    ["the tenant alone", "https://tenant.example/", "does not hold /.well-known/openid-configuration"],
    ["a query", "https://tenant.example/.well-known/openid-configuration?p=1", "does not hold"],
  ])("an address that can't be one, without asking there: %s", async (_title, configUrl, found) => {
    const error = await failure(discover(configUrl));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(found);
    expect(error.message).not.toContain("secret");
  });
});

describe("what a retry may put right is an UpstreamError of kind unavailable", () => {
  it.each([408, 429, 500, 502, 503, 504])("status %i", async (status) => {
    const server = await startProvider(() => ({ status, text: "later" }));
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining(String(status)) });
  });

  it("no connection", async () => {
    const server = await startProvider(() => ({}));
    await server.close();
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`));
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("ECONNREFUSED") });
  });

  it("a name that DNS does not know", async () => {
    const error = await failure(discover("https://tenant.invalid/.well-known/openid-configuration", { timeout: 2 }));
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("https://tenant.invalid") });
  });

  it("no answer in time", async () => {
    const server = await startProvider(() => undefined);
    const error = await failure(discover(`${server.origin}/.well-known/openid-configuration`, { timeout: 0.05 }));
    expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("within 0.05 s") });
  });

  it("an answer that breaks off", async () => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    auth0.misbehave({ discovery: "half-open" });
    expect(await failure(discover(auth0.configUrl, { timeout: 0.05 }))).toMatchObject({ kind: "unavailable" });
    auth0.misbehave({ discovery: "down" });
    expect(await failure(discover(auth0.configUrl))).toMatchObject({ kind: "unavailable" });
  });
});
