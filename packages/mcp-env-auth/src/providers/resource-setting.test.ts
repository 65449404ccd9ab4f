import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { awsCognitoAt } from "./aws-cognito.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { OAuthProxy } from "./oauth.ts";
import { OIDCProxy } from "./oidc.ts";
import { type OidcStandIn, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { type ProtectedServer, protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const RESOURCE = "https://weather.example.com/mcp";
const MACHINE = "night-job";

/** A provider that gives tokens for the resource that it was asked for, as oidc-provider, Logto and Cognito do. */
async function startProvider(): Promise<OidcStandIn> {
  const standIn: OidcStandIn = await startOidcStandIn({
    path: "/eu-central-1_Ab",
    machines: [MACHINE],
    claims: (_grant, iss) => {
      const { form } = standIn.requests.at(-1) ?? {};
      const isMachine = form?.grant_type === "client_credentials";
      return {
        iss,
        sub: isMachine ? MACHINE : "alice",
        client_id: isMachine ? MACHINE : CLIENT_ID,
        scope: "openid",
        ...(form?.resource !== undefined && { aud: form.resource }),
      };
    },
  });
  return standIn;
}

/** How each provider is told where the stand-in is. */
const PROVIDERS: readonly [string, DeclaredProvider | undefined, (standIn: OidcStandIn) => Record<string, string>][] = [
  ["OIDCProxy", OIDCProxy, ({ configUrl }) => ({ CONFIG_URL: configUrl })],
  [
    "OAuthProxy",
    OAuthProxy,
    ({ origin, issuer }) => ({
      AUTHORIZATION_ENDPOINT: `${origin}/authorize`,
      TOKEN_ENDPOINT: `${origin}/token`,
      JWKS_URI: `${origin}/jwks.json`,
      ISSUER: issuer,
      REQUIRED_SCOPES: "openid",
    }),
  ],
  ["AWSCognitoProvider", undefined, () => ({ USER_POOL_ID: "eu-central-1_Ab" })],
];

async function start([, provider, addressOf]: (typeof PROVIDERS)[number], variables: Record<string, string> = {}) {
  const standIn = await startProvider();
  const declared = provider ?? awsCognitoAt((_region, pool) => `${standIn.origin}/${pool}`);
  const settings = { CLIENT_ID, CLIENT_SECRET, ...addressOf(standIn), ...variables };
  return { standIn, server: await protectServer(declared, settings) };
}

const resourcesAt = (standIn: OidcStandIn) => [
  ...standIn.to("/authorize").map(({ query }) => query.resource),
  ...standIn.to("/token").map(({ form }) => form.resource),
];

const refusalOf = ({ logger }: ProtectedServer) =>
  logger.lines.find(({ fields }) => "event" in fields && fields.event === "provider-token-refused")?.message;

describe.each(PROVIDERS)("RESOURCE of %s", (...row) => {
  it("is sent with login, code and refresh, and tokens are held to it", async () => {
    const { standIn, server } = await start(row, { RESOURCE });
    const { client, tokens } = await server.logIn();
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
    expect(resourcesAt(standIn)).toEqual([RESOURCE, RESOURCE, RESOURCE]);
    expect((await server.verify(tokens.access_token)).claims.aud).toBe(RESOURCE);
    expect(standIn.to("/authorize")[0]?.query).not.toHaveProperty("audience");
  });

  it("refuses a token for another, and names itself", async () => {
    const { standIn, server } = await start(row, {
      RESOURCE,
      EXTRA_TOKEN_PARAMS: '{"resource":"https://another.example"}',
    });
    await expect(server.logIn()).rejects.toThrow("https://another.example");
    expect(resourcesAt(standIn)).toEqual([RESOURCE, "https://another.example"]);
    expect(refusalOf(server)).toContain("_RESOURCE");
  });

  it("is the MCP URL with FORWARD_RESOURCE, unless it is set", async () => {
    const { standIn, server } = await start(row, { FORWARD_RESOURCE: "true" });
    await server.logIn();
    expect(new Set(resourcesAt(standIn))).toEqual(new Set([`${server.address}/mcp`]));
    const both = await start(row, { FORWARD_RESOURCE: "true", RESOURCE });
    await both.server.logIn();
    expect(new Set(resourcesAt(both.standIn))).toEqual(new Set([RESOURCE]));
  });

  it("is not sent where nothing says so", async () => {
    const { standIn, server } = await start(row);
    await server.logIn();
    expect(new Set(resourcesAt(standIn))).toEqual(new Set([undefined]));
  });
});

describe("an API that the provider doesn't know (invalid_target)", () => {
  const [oidc] = PROVIDERS as [(typeof PROVIDERS)[number]];
  const failureOf = ({ logger }: ProtectedServer) =>
    logger.lines.find(({ fields }) => "event" in fields && fields.event === "provider-failed")?.message;
  const refuse = () => ({ status: 400, json: { error: "invalid_target", error_description: "no such API" } });

  const table: [string, Record<string, string>, string][] = [
    ["RESOURCE", { RESOURCE }, "Compare FASTMCP_SERVER_AUTH_OIDC_RESOURCE with"],
    ["FORWARD_RESOURCE", { FORWARD_RESOURCE: "true" }, "the MCP URL (FASTMCP_SERVER_AUTH_OIDC_FORWARD_RESOURCE)"],
    ["AUDIENCE", { AUDIENCE: RESOURCE }, "set FASTMCP_SERVER_AUTH_OIDC_RESOURCE to that identifier"],
    ["both", { RESOURCE, AUDIENCE: RESOURCE }, "Compare FASTMCP_SERVER_AUTH_OIDC_AUDIENCE with"],
    ["both, and they differ", { RESOURCE, AUDIENCE: "api" }, "AUDIENCE and FASTMCP_SERVER_AUTH_OIDC_RESOURCE with"],
    [
      "EXTRA_TOKEN_PARAMS",
      { EXTRA_TOKEN_PARAMS: `{"resource":"${RESOURCE}"}` },
      "Compare FASTMCP_SERVER_AUTH_OIDC_EXTRA_TOKEN_PARAMS with",
    ],
    ["nothing", {}, "set FASTMCP_SERVER_AUTH_OIDC_RESOURCE to that identifier"],
  ];
  it.each(table)("at the code exchange is told with %s", async (_what, variables, expected) => {
    const { standIn, server } = await start(oidc, variables);
    standIn.override("/token", refuse);
    await expect(server.logIn()).rejects.toThrow("server_error");
    expect(failureOf(server)).toContain(expected);
  });

  it("at a refresh is told likewise, and ends no session", async () => {
    const { standIn, server } = await start(oidc, { RESOURCE });
    const { client, tokens } = await server.logIn();
    standIn.override("/token", refuse);
    expect(await client.refresh(tokens.refresh_token)).toMatchObject({ status: 502, body: { error: "server_error" } });
    expect(failureOf(server)).toContain("Compare FASTMCP_SERVER_AUTH_OIDC_RESOURCE with");
    standIn.override("/token");
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it("for a machine is told to the operator", async () => {
    const { standIn, server } = await start(oidc, { RESOURCE, MACHINE_CLIENTS: MACHINE });
    standIn.override("/token", refuse);
    const form = { grant_type: "client_credentials", client_id: MACHINE, client_secret: CLIENT_SECRET };
    const answer = await fetch(`${server.address}/token`, { method: "POST", body: new URLSearchParams(form) });
    expect(await answer.json()).toMatchObject({ error: "unauthorized_client" });
    const line = server.logger.lines.find(({ message }) => message.includes("invalid_target"));
    expect(line?.message).toContain("Compare FASTMCP_SERVER_AUTH_OIDC_RESOURCE with");
  });
});

describe("RESOURCE next to AUDIENCE", () => {
  it("is sent, and tokens are held to the audience", async () => {
    const [oidc] = PROVIDERS;
    const { standIn, server } = await start(oidc as (typeof PROVIDERS)[number], { RESOURCE, AUDIENCE: "urn:api" });
    await expect(server.logIn()).rejects.toThrow("expected urn:api");
    expect(standIn.to("/authorize")[0]?.query).toMatchObject({ resource: RESOURCE, audience: "urn:api" });
    expect(refusalOf(server)).toContain("_AUDIENCE");
  });
});

describe("RESOURCE of machines", () => {
  it("is sent with their requests, and is audience enough for them", async () => {
    const [oidc] = PROVIDERS;
    const { standIn, server } = await start(oidc as (typeof PROVIDERS)[number], { RESOURCE, MACHINE_CLIENTS: MACHINE });
    const answer = await fetch(`${server.address}/token`, {
      method: "POST",
      body: new URLSearchParams({
        ...{ grant_type: "client_credentials", client_id: MACHINE, client_secret: CLIENT_SECRET, scope: "openid" },
      }),
    });
    expect(answer.status).toBe(200);
    expect(standIn.to("/token").at(-1)?.form.resource).toBe(RESOURCE);
  });

  it("or of FORWARD_RESOURCE, and neither leaves AUDIENCE required", () => {
    const problems = (variables: Record<string, string>) =>
      OIDCProxy.fromEnvironment(
        environmentOf({
          FASTMCP_SERVER_AUTH_OIDC_MACHINE_CLIENTS: MACHINE,
          ...Object.fromEntries(
            Object.entries(variables).map(([name, value]) => [`FASTMCP_SERVER_AUTH_OIDC_${name}`, value]),
          ),
        }),
      ).problems.filter(({ variable }) => variable?.endsWith("_AUDIENCE"));
    expect(problems({})).toHaveLength(1);
    expect(problems({ FORWARD_RESOURCE: "true" })).toEqual([]);
    expect(problems({ FORWARD_RESOURCE: "false" })).toHaveLength(1);
    expect(problems({ RESOURCE })).toEqual([]);
  });
});
