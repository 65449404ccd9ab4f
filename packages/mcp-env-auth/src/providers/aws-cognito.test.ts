import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { AWSCognitoProvider, awsCognitoAt } from "./aws-cognito.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const POOL = "eu-central-1_AbCdEfGhI";
const variables = { CLIENT_ID, CLIENT_SECRET, USER_POOL_ID: POOL };

/** Cognito, whose access tokens have a client_id and no aud. */
async function startCognito(claims: Record<string, unknown> = {}, idTokenClaims: Record<string, unknown> = {}) {
  const cognito = await startOidcStandIn({
    path: `/${POOL}`,
    jwksPath: `/${POOL}/.well-known/jwks.json`,
    claims: ({ scope }, issuer) => ({
      sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      "cognito:groups": ["admins"],
      iss: issuer,
      version: 2,
      client_id: CLIENT_ID,
      token_use: "access",
      scope,
      username: "ada",
      jti: "j",
      ...claims,
    }),
    idTokenClaims: () => idTokenClaims,
  });
  return { cognito, provider: awsCognitoAt((_region, pool) => `${cognito.origin}/${pool}`) };
}

describe("a login at Cognito", () => {
  it("gives the user's claims to tools", async () => {
    const { provider } = await startCognito();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      scopes: ["openid"],
      claims: { username: "ada", "cognito:groups": ["admins"] },
    });
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe("Security: a Cognito token that is not an access token of our app client", () => {
  it.each([
    [{ client_id: "another-client" }, "another application"],
    [{ client_id: undefined }, "another application"],
    [{ token_use: "id" }, "id token"],
    [{ iss: "https://cognito-idp.eu-central-1.amazonaws.com/other" }, "issuer"],
  ])("logs nobody in: %o", async (claims, reason) => {
    const { provider } = await startCognito(claims);
    await expect((await protectServer(provider, variables)).logIn()).rejects.toThrow(reason);
  });
});

it("Security rule 20: a login at Cognito whose two tokens are of different users is refused", async () => {
  const { provider } = await startCognito({}, { sub: "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee" });
  await expect((await protectServer(provider, variables)).logIn()).rejects.toThrow("different users");
});

describe("AWSCognitoProvider from the environment", () => {
  const problemsOf = (changes: Readonly<Record<string, string>>) => {
    const all = { ...variables, BASE_URL: "https://mcp.example.com", ...changes };
    const named = Object.entries(all).map(([name, value]) => [`FASTMCP_SERVER_AUTH_AWS_COGNITO_${name}`, value]);
    const { provider, problems } = AWSCognitoProvider.fromEnvironment(environmentOf(Object.fromEntries(named)));
    return { provider, problems: problems.map(({ variable, message }) => `${variable?.slice(32)} ${message}`) };
  };

  it("finds the user pool by region and id", () => {
    const configUrlOf = (changes = {}) => {
      const upstream = problemsOf(changes).provider?.upstream;
      return upstream?.kind === "application" ? upstream.configUrl?.href : undefined;
    };
    expect(configUrlOf()).toBe(
      `https://cognito-idp.eu-central-1.amazonaws.com/${POOL}/.well-known/openid-configuration`,
    );
    expect(configUrlOf({ AWS_REGION: "us-east-1", USER_POOL_ID: "us-east-1_x" })).toContain("idp.us-east-1.amazonaws");
    expect(configUrlOf({ AWS_REGION: "cn-north-1", USER_POOL_ID: "cn-north-1_x" })).toContain(".amazonaws.com.cn/");
  });

  it("names the region that is missing or wrong", () => {
    expect(problemsOf({ USER_POOL_ID: "us-east-1_x" }).problems).toEqual([
      expect.stringContaining("AWS_REGION is eu-central-1, but the user pool is in us-east-1. Set us-east-1."),
    ]);
    expect(problemsOf({ USER_POOL_ID: "https://x" }).problems).toEqual([expect.stringContaining("must look like")]);
  });
});
