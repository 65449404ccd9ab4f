import { randomBytes } from "node:crypto";
import express from "express";
import { decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { variableName } from "../env/field.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { createEndpointRouter } from "../http/endpoint-router.ts";
import { createRateLimits } from "../http/rate-limit.ts";
import { serve } from "../http/testing/serve.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import type { Authentication } from "./auth-provider.ts";
import { type DeclaredProvider, defineProvider } from "./declaration.ts";
import { createTestContext } from "./testing/context.ts";

/** One variable of FastMCP 2.14: a value and what it becomes, a bad value and its error, and the default. */
interface Row {
  readonly good: readonly [value: string, becomes: unknown];
  /** Absent: every text is good. */
  readonly bad?: readonly [value: string, reason: string];
  /** `required`, or what it is when it is not set. */
  readonly otherwise: unknown;
}

const REQUIRED = Symbol("required");
const url = (text: string) => new URL(text);

const id: Row = { good: ["some-id", "some-id"], bad: ["", "is required. It is set, but empty."], otherwise: REQUIRED };
const secret: Row = { good: [" keeps spaces ", " keeps spaces "], bad: ["", "is required"], otherwise: REQUIRED };
const baseUrl: Row = {
  good: [" HTTPS://Server.Example.com:443 ", url("https://server.example.com/")],
  bad: ["server.example.com", "It has no https:// in front."],
  otherwise: REQUIRED,
};
const scopes = (otherwise: unknown): Row => ({
  good: ["read, write  admin", ["read", "write", "admin"]],
  bad: ["123", "It is a number"],
  otherwise,
});
const timeout: Row = { good: ["25", 25], bad: ["15.5", "It is not a whole number."], otherwise: 10 };

const optionalUrl = (value: string): Row => ({
  good: [value, url(value)],
  bad: ["nowhere", "It has no https:// in front."],
  otherwise: undefined,
});
const requiredUrl = (value: string): Row => ({ ...optionalUrl(value), otherwise: REQUIRED });

const standard = (defaultScopes: unknown): Readonly<Record<string, Row>> => ({
  CLIENT_ID: id,
  CLIENT_SECRET: secret,
  BASE_URL: baseUrl,
  ISSUER_URL: optionalUrl("https://issuer.example.com/"),
  REDIRECT_PATH: { good: ["cb", "/cb"], bad: ["/cb?x=1", "It has a query"], otherwise: "/auth/callback" },
  REQUIRED_SCOPES: scopes(defaultScopes),
  ALLOWED_CLIENT_REDIRECT_URIS: {
    good: ['["http://localhost:*"]', ["http://localhost:*"]],
    bad: ["", "write [] for none"],
    otherwise: undefined,
  },
  JWT_SIGNING_KEY: { good: ["a signing key", "a signing key"], otherwise: undefined },
});

const optionalAudience: Row = {
  good: ['["one", "two"]', ["one", "two"]],
  bad: ["12345", "It is a number"],
  otherwise: undefined,
};

const DISCOVERY = "https://tenant.example.com/.well-known/openid-configuration";
const AGENTIC = "https://api.descope.com/v1/apps/agentic/P2/M1/.well-known/openid-configuration";

/** Section by section: what each provider of FastMCP 2.14 reads. */
const CONTRACT: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  AUTH0_: {
    ...standard(["openid"]),
    CONFIG_URL: { ...requiredUrl(DISCOVERY), bad: ["https://tenant.example.com", "must be the discovery document"] },
    AUDIENCE: id,
  },
  OCI_: {
    ...standard(["openid"]),
    CONFIG_URL: requiredUrl(DISCOVERY),
    AUDIENCE: { good: ["https://api", "https://api"], otherwise: undefined },
  },
  AWS_COGNITO_: {
    ...standard(["openid"]),
    USER_POOL_ID: {
      good: ["eu-central-1_Ab", "eu-central-1_Ab"],
      bad: ["pool", "must look like"],
      otherwise: REQUIRED,
    },
    AWS_REGION: {
      good: ["eu-central-1", "eu-central-1"],
      bad: ["us-east-1", "is in eu-central-1"],
      otherwise: "eu-central-1",
    },
  },
  AZURE_: {
    ...standard(REQUIRED),
    TENANT_ID: id,
    IDENTIFIER_URI: { good: ["api://mine", "api://mine"], otherwise: undefined },
    ADDITIONAL_AUTHORIZE_SCOPES: {
      ...scopes(undefined),
      good: ['["User.Read","Mail.Read"]', ["User.Read", "Mail.Read"]],
    },
    BASE_AUTHORITY: {
      good: ["login.microsoftonline.us", url("https://login.microsoftonline.us/")],
      bad: ["http://login.microsoftonline.us", "use https"],
      otherwise: url("https://login.microsoftonline.com/"),
    },
  },
  GITHUB_: { ...standard(["user"]), TIMEOUT_SECONDS: timeout },
  GOOGLE_: { ...standard(["openid"]), TIMEOUT_SECONDS: timeout },
  DISCORD_: { ...standard(["identify"]), TIMEOUT_SECONDS: timeout },
  WORKOS_: {
    ...standard([]),
    AUTHKIT_DOMAIN: {
      good: ["your-app.authkit.app", url("https://your-app.authkit.app/")],
      bad: ["ftp://x", "neither https nor http"],
      otherwise: REQUIRED,
    },
    TIMEOUT_SECONDS: timeout,
  },
  AUTHKITPROVIDER_: {
    AUTHKIT_DOMAIN: { ...requiredUrl("https://your-app.authkit.app/"), bad: ["", "It is empty"] },
    BASE_URL: baseUrl,
    REQUIRED_SCOPES: scopes([]),
  },
  DESCOPEPROVIDER_: {
    BASE_URL: baseUrl,
    CONFIG_URL: {
      good: [AGENTIC, url(AGENTIC)],
      bad: ["https://api.descope.com/v1/apps/P2", "/agentic/"],
      otherwise: REQUIRED,
    },
    PROJECT_ID: { good: ["P2", "P2"], otherwise: undefined },
    DESCOPE_BASE_URL: {
      good: ["api.descope.com", url("https://api.descope.com/")],
      bad: ["", "It is empty"],
      otherwise: undefined,
    },
    REQUIRED_SCOPES: scopes([]),
  },
  SCALEKITPROVIDER_: {
    ENVIRONMENT_URL: requiredUrl("https://env.scalekit.com/"),
    RESOURCE_ID: id,
    BASE_URL: baseUrl,
    REQUIRED_SCOPES: scopes([]),
    CLIENT_ID: { good: ["ignored", "ignored"], otherwise: undefined },
  },
  SUPABASE_: {
    PROJECT_URL: requiredUrl("https://project.supabase.co/"),
    BASE_URL: baseUrl,
    AUTH_ROUTE: {
      good: ["custom/auth", "/custom/auth"],
      bad: ["https://x", "It is a whole URL."],
      otherwise: "/auth/v1",
    },
    ALGORITHM: { good: ["RS256", "RS256"], bad: ["HS256", "legacy shared secret"], otherwise: "ES256" },
    REQUIRED_SCOPES: scopes([]),
  },
  JWT_: {
    JWKS_URI: { ...requiredUrl("https://issuer.example/jwks.json"), bad: ["issuer.example", "no https:// in front"] },
    ISSUER: optionalAudience,
    AUDIENCE: optionalAudience,
    ALGORITHM: { good: ["es256", "ES256"], bad: ["none", "It is none of these."], otherwise: "RS256" },
    REQUIRED_SCOPES: scopes([]),
    BASE_URL: { ...baseUrl, otherwise: undefined },
  },
  INTROSPECTION_: {
    INTROSPECTION_URL: requiredUrl("https://issuer.example/introspect"),
    CLIENT_ID: id,
    CLIENT_SECRET: secret,
    TIMEOUT_SECONDS: timeout,
    REQUIRED_SCOPES: scopes([]),
    BASE_URL: { ...baseUrl, otherwise: undefined },
  },
};

function providerOf(prefix: string): DeclaredProvider {
  const found = builtInProviders.find(({ declaration }) => declaration.prefix === `FASTMCP_SERVER_AUTH_${prefix}`);
  if (found === undefined) {
    throw new Error(`No provider reads ${prefix}`);
  }
  return found;
}

/** Reads with all that is required set to good values, then `changes`; `undefined` takes a variable away. */
function read(prefix: string, changes: Readonly<Record<string, string | undefined>>) {
  const { declaration } = providerOf(prefix);
  const needed = Object.entries(CONTRACT[prefix] ?? {}).flatMap(([name, { good, otherwise }]) =>
    otherwise === REQUIRED ? [[name, good[0]] as const] : [],
  );
  const set = Object.entries({ ...Object.fromEntries(needed), ...changes }).filter(([, value]) => value !== undefined);
  const environment = environmentOf(
    Object.fromEntries(set.map(([name, value]) => [declaration.prefix + name, value as string])),
  );
  let settings: Readonly<Record<string, unknown>> = {};
  const spy = defineProvider({
    ...declaration,
    create(given, names) {
      settings = given;
      return declaration.create(given, names);
    },
  });
  const { problems, provider } = spy.fromEnvironment(environment);
  const byVariable = new Map(
    Object.keys(declaration.fields).map((field) => [variableName("", field), settings[field]] as const),
  );
  return { problems, provider, settingOf: (name: string) => byVariable.get(name) };
}

describe.each(Object.entries(CONTRACT))("the variables FASTMCP_SERVER_AUTH_%s…", (prefix, rows) => {
  const table = Object.entries(rows);

  it.each(table)("%s takes a value", (name, { good: [value, becomes] }) => {
    const { problems, settingOf } = read(prefix, { [name]: value });
    expect(problems).toEqual([]);
    expect(settingOf(name)).toEqual(becomes);
  });

  it.each(table.filter(([, { bad }]) => bad !== undefined))("%s refuses a bad value by name", (name, { bad }) => {
    const [value, reason] = bad ?? ["", ""];
    const { problems } = read(prefix, { [name]: value });
    expect(problems).toContainEqual({
      variable: `FASTMCP_SERVER_AUTH_${prefix}${name}`,
      message: expect.stringContaining(reason),
    });
  });

  it.each(table)("%s is required, or has its default", (name, { otherwise }) => {
    const { problems, settingOf } = read(prefix, { [name]: undefined });
    if (otherwise === REQUIRED) {
      expect(problems).toContainEqual({
        variable: `FASTMCP_SERVER_AUTH_${prefix}${name}`,
        message: expect.stringMatching(/is required/),
      });
    } else {
      expect(problems).toEqual([]);
      expect(settingOf(name)).toEqual(otherwise);
    }
  });

  it("are read in upper and lower case alike", () => {
    const [first] = table.filter(([, { otherwise }]) => otherwise === REQUIRED);
    if (first === undefined) {
      throw new Error("Every provider requires something.");
    }
    const [name, { good }] = first;
    expect(read(prefix, { [name]: undefined, [name.toLowerCase()]: good[0] }).problems).toEqual([]);
  });
});

/** The server that the variables make. Sealing with a key of 32 random bytes takes no stretching. */
async function protectedBy(prefix: string, changes: Readonly<Record<string, string | undefined>>) {
  const key = "JWT_SIGNING_KEY" in (CONTRACT[prefix] ?? {}) ? { JWT_SIGNING_KEY: QUICK_KEY } : {};
  const { provider, problems } = read(prefix, { ...key, ...changes });
  if (provider === undefined) {
    throw new Error(JSON.stringify(problems));
  }
  return { provider, authentication: await provider.authenticate(createTestContext()) };
}

/** A client registers, as any does. */
async function register({ endpoints }: Authentication): Promise<Response> {
  const app = express();
  app.use(createEndpointRouter(endpoints, createRateLimits(0, systemClock), silentLogger));
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ redirect_uris: ["https://client.example/callback"], client_name: "A client" });
  return fetch(`${await serve(app)}/register`, { method: "POST", headers, body });
}

const QUICK_KEY = randomBytes(32).toString("base64url");
const providersWith = (name: string) =>
  Object.entries(CONTRACT).flatMap(([prefix, rows]) => (name in rows ? [prefix] : []));

describe("what the variables that many providers share do", () => {
  it.each(providersWith("BASE_URL"))("FASTMCP_SERVER_AUTH_%sBASE_URL is where the MCP endpoint is", async (prefix) => {
    const { authentication } = await protectedBy(prefix, { BASE_URL: "https://Other.example.com/base/" });
    expect(authentication.resource).toBe("https://other.example.com/base/mcp");
  });

  it.each(Object.keys(CONTRACT))("FASTMCP_SERVER_AUTH_%s* say beforehand what clients are told", async (prefix) => {
    const { provider, authentication } = await protectedBy(prefix, {});
    const { resource, requiredScopes, authorizationServers } = authentication;
    expect(provider.describe?.("/mcp")).toEqual({ resource, requiredScopes, authorizationServers });
  });

  it.each(providersWith("REQUIRED_SCOPES"))(
    "FASTMCP_SERVER_AUTH_%sREQUIRED_SCOPES are required of tokens",
    async (prefix) => {
      const { authentication } = await protectedBy(prefix, { REQUIRED_SCOPES: '["one","two"]' });
      expect(authentication.requiredScopes).toEqual(["one", "two"]);
    },
  );

  it.each(providersWith("ISSUER_URL"))(
    "FASTMCP_SERVER_AUTH_%sISSUER_URL is the issuer, else BASE_URL is",
    async (prefix) => {
      const issuerOf = async (changes: Readonly<Record<string, string>>) =>
        (await protectedBy(prefix, { BASE_URL: "https://base.example", ...changes })).authentication
          .authorizationServers;
      expect(await issuerOf({ ISSUER_URL: "https://issuer.example" })).toEqual(["https://issuer.example/"]);
      expect(await issuerOf({})).toEqual(["https://base.example/"]);
    },
  );

  it.each(providersWith("REDIRECT_PATH"))(
    "FASTMCP_SERVER_AUTH_%sREDIRECT_PATH is where the provider sends users",
    async (prefix) => {
      const changes = { BASE_URL: "https://base.example/x", REDIRECT_PATH: "back" };
      const { provider, authentication } = await protectedBy(prefix, changes);
      expect(provider.upstream).toMatchObject({ callbackUrl: "https://base.example/x/back" });
      expect(authentication.endpoints.map(({ path }) => path)).toContain("/back");
    },
  );

  it.each(providersWith("ALLOWED_CLIENT_REDIRECT_URIS"))(
    "FASTMCP_SERVER_AUTH_%sALLOWED_CLIENT_REDIRECT_URIS decides which clients may register",
    async (prefix) => {
      const statusWith = async (allowed: string) =>
        (await register((await protectedBy(prefix, { ALLOWED_CLIENT_REDIRECT_URIS: allowed })).authentication)).status;
      expect(await statusWith('["https://client.example/*"]')).toBe(201);
      expect(await statusWith("[]")).toBe(400);
    },
  );

  it.each(providersWith("JWT_SIGNING_KEY"))(
    "FASTMCP_SERVER_AUTH_%sJWT_SIGNING_KEY seals what clients hold",
    async (prefix) => {
      const kid = async (key: string) => {
        const response = await register((await protectedBy(prefix, { JWT_SIGNING_KEY: key })).authentication);
        const { client_id: clientId } = (await response.json()) as { readonly client_id: string };
        return decodeProtectedHeader(clientId).kid;
      };
      expect(await kid(QUICK_KEY)).toBe(await kid(QUICK_KEY));
      expect(await kid(randomBytes(32).toString("base64url"))).not.toBe(await kid(QUICK_KEY));
    },
  );
});

describe("the variables that take another's place", () => {
  const key = "a shared secret of more than 32 bytes";

  it("FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY takes a key instead of JWKS_URI", () => {
    const { problems, settingOf } = read("JWT_", { JWKS_URI: undefined, PUBLIC_KEY: key, ALGORITHM: "HS256" });
    expect(problems).toEqual([]);
    expect(settingOf("PUBLIC_KEY")).toBe(key);
  });

  it.each([
    ["what is no key", { JWKS_URI: undefined, PUBLIC_KEY: "no key" }, "PUBLIC_KEY"],
    ["a key beside JWKS_URI", { PUBLIC_KEY: key }, "JWKS_URI are both set"],
  ])("FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY refuses %s", (_, changes, reason) => {
    const { problems } = read("JWT_", changes);
    expect(problems.map(({ variable, message }) => `${variable} ${message}`)).toEqual([
      expect.stringContaining(reason),
    ]);
    expect(problems[0]?.variable).toBe("FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY");
  });

  it("FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL is an older name of BASE_URL", () => {
    const { problems, settingOf } = read("SCALEKITPROVIDER_", { BASE_URL: undefined, MCP_URL: "https://old.example" });
    expect(problems).toEqual([]);
    expect(settingOf("BASE_URL")).toEqual(url("https://old.example/"));
    const both = read("SCALEKITPROVIDER_", { BASE_URL: "https://new.example", MCP_URL: "https://old.example" });
    expect(both.settingOf("BASE_URL")).toEqual(url("https://new.example/"));
    expect(read("SCALEKITPROVIDER_", { BASE_URL: undefined, MCP_URL: "old.example" }).problems).toContainEqual({
      variable: "FASTMCP_SERVER_AUTH_SCALEKITPROVIDER_MCP_URL",
      message: expect.stringContaining("It has no https:// in front."),
    });
  });

  it("FASTMCP_SERVER_AUTH_DESCOPEPROVIDER_PROJECT_ID and DESCOPE_BASE_URL take the place of CONFIG_URL", () => {
    const older = { PROJECT_ID: "P2", DESCOPE_BASE_URL: "https://api.descope.com" };
    expect(read("DESCOPEPROVIDER_", { CONFIG_URL: undefined, ...older }).problems).toEqual([]);
  });

  it.each(["AUTHKITPROVIDER_", "SCALEKITPROVIDER_", "SUPABASE_"])(
    "FASTMCP_SERVER_AUTH_JWT_AUDIENCE is the audience of %s",
    (prefix) => {
      const { declaration } = providerOf(prefix);
      expect(declaration.fields.audience?.alias).toBe("FASTMCP_SERVER_AUTH_JWT_AUDIENCE");
    },
  );
});
