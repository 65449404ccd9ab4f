import { describe, expect, it } from "vitest";
import { AzureProvider } from "./azure.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient, type StandInAnswer, type StandInRequest } from "./testing/stand-in.ts";

const TENANT = "08541b6e-646d-43de-a0eb-834e6713d6d5";
const TOKEN_PATH = `/${TENANT}/oauth2/v2.0/token`;
const GRAPH = "https://graph.microsoft.com";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Entra as its documentation describes the on-behalf-of flow. Nothing here was run against Entra. */
async function start(
  answer: (request: StandInRequest) => StandInAnswer = ({ form }) => ({
    json: { token_type: "Bearer", scope: form.scope, expires_in: 3269, access_token: `graph token for ${form.scope}` },
  }),
  variables: Readonly<Record<string, string>> = {},
) {
  let origin = "";
  const entra = await startOidcStandIn({
    authorizePath: `/${TENANT}/oauth2/v2.0/authorize`,
    tokenPath: TOKEN_PATH,
    jwksPath: `/${TENANT}/discovery/v2.0/keys`,
    claims: () => ({
      ...{ aud: CLIENT_ID, iss: `${origin}/${TENANT}/v2.0`, azp: CLIENT_ID, scp: "read", sub: "ada", tid: TENANT },
    }),
  });
  origin = entra.origin;
  const settings = { CLIENT_ID, CLIENT_SECRET, TENANT_ID: TENANT, BASE_AUTHORITY: origin, REQUIRED_SCOPES: "read" };
  const server = await protectServer(AzureProvider, { ...settings, ...variables });
  const { tokens } = await server.logIn();
  const token = await server.verify(tokens.access_token);
  const exchanges: StandInRequest[] = [];
  entra.override(TOKEN_PATH, (request) => {
    if (request.form.grant_type !== GRANT) {
      return { status: 400, json: { error: "invalid_grant" } };
    }
    exchanges.push(request);
    return isOurClient(request) ? answer(request) : { status: 401, json: { error: "invalid_client" } };
  });
  const exchange = async (target: { audience?: string; resource?: string; scopes?: readonly string[] }) =>
    server.authentication.exchange?.(token, target);
  return { server, token, exchanges, exchange };
}

describe("exchangeToken() at Entra", () => {
  it("asks on behalf of the user, with the user's token as the assertion", async () => {
    const { token, exchanges, exchange } = await start();
    expect(await exchange({ audience: GRAPH, scopes: ["Mail.Read", "User.Read"] })).toContain("graph token");
    expect(exchanges[0]?.form).toMatchObject({
      grant_type: GRANT,
      assertion: token.token,
      requested_token_use: "on_behalf_of",
      scope: `${GRAPH}/Mail.Read ${GRAPH}/User.Read`,
    });
    expect(exchanges[0]?.form).not.toHaveProperty("subject_token");
  });

  it.each([
    [{ audience: GRAPH }, `${GRAPH}/.default`],
    [{ resource: GRAPH }, `${GRAPH}/.default`],
    [{ audience: "api://calendar", scopes: ["events.read"] }, "api://calendar/events.read"],
    [{ audience: GRAPH, scopes: [`${GRAPH}/Mail.Read`] }, `${GRAPH}/Mail.Read`],
    [{ audience: "https://database.windows.net/" }, "https://database.windows.net//.default"],
  ])("spells scopes with the API in front: %o", async (target, scope) => {
    const { exchanges, exchange } = await start();
    await exchange(target);
    expect(exchanges[0]?.form.scope).toBe(scope);
  });

  it.each([
    ["another API's scope", { audience: GRAPH, scopes: ["api://payroll/.default"] }],
    ["another API's scope among its own", { audience: GRAPH, scopes: ["Mail.Read", "api://payroll/read"] }],
    ["one in the same text", { audience: GRAPH, scopes: ["Mail.Read api://payroll/read"] }],
    ["one behind a tab", { audience: GRAPH, scopes: ["Mail.Read\tapi://payroll/read"] }],
    ["an API whose name begins alike", { audience: "api://pay", scopes: ["api://payroll/read"] }],
    ["an API below it", { audience: "api://pay", scopes: ["api://pay/roll/read"] }],
    [
      "the same API in another spelling",
      { audience: GRAPH, scopes: ["00000003-0000-0000-c000-000000000000/.default"] },
    ],
    ["no scope at all", { audience: GRAPH, scopes: [`${GRAPH}/`] }],
    ["two APIs", { audience: GRAPH, resource: "api://payroll" }],
    ["two APIs in one text", { audience: `${GRAPH}/.default api://payroll` }],
  ])("Security: asks for no token of %s", async (_what, target) => {
    const { exchanges, exchange } = await start();
    await expect(exchange(target)).rejects.toThrow(/Name (?:one|that scope's API)/);
    expect(exchanges).toEqual([]);
  });

  it("takes several scopes in one text", async () => {
    const { exchanges, exchange } = await start();
    await exchange({ audience: GRAPH, scopes: ["Mail.Read User.Read"] });
    expect(exchanges[0]?.form.scope).toBe(`${GRAPH}/Mail.Read ${GRAPH}/User.Read`);
  });

  it("keeps the token for this user, API and scopes alone", async () => {
    const { exchanges, exchange } = await start();
    await exchange({ audience: GRAPH, scopes: ["Mail.Read"] });
    await exchange({ audience: GRAPH, scopes: ["Mail.Read"] });
    expect(exchanges).toHaveLength(1);
    await exchange({ audience: GRAPH, scopes: ["User.Read"] });
    expect(exchanges).toHaveLength(2);
  });

  const refusal = (error: string, description: string) => () => ({
    status: 400,
    json: { error, error_description: description, suberror: "x" },
  });
  it.each([
    [
      "missing consent",
      refusal("invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application."),
      "ADDITIONAL_AUTHORIZE_SCOPES",
    ],
    ["a second factor", refusal("interaction_required", "AADSTS50076: you must use multi-factor"), "second factor"],
    [
      "an assertion that has ended",
      refusal("invalid_grant", "AADSTS500133: Assertion is not within its valid time range."),
      "Log in again",
    ],
    [
      "an unknown API",
      refusal("invalid_resource", "AADSTS500011: The resource principal was not found"),
      "AADSTS500011",
    ],
    ["a wrong secret", () => ({ status: 401, json: { error: "invalid_client" } }), "_CLIENT_SECRET"],
    ["an outage", () => ({ status: 503, text: "" }), "Try again in a moment"],
  ])("says what to do about %s", async (_what, answer, advice) => {
    const { token, exchange } = await start(answer);
    const error = await exchange({ audience: GRAPH, scopes: ["Mail.Read"] }).then(
      () => expect.fail("it was exchanged"),
      (reason: Error) => reason,
    );
    expect(error.message).toContain(advice);
    expect(error.message).not.toContain(token.token);
    expect(error.message).not.toContain(CLIENT_SECRET);
  });

  it("Security: refuses the token that it sent", async () => {
    const { exchange } = await start(({ form }) => ({ json: { token_type: "Bearer", access_token: form.assertion } }));
    await expect(exchange({ audience: GRAPH })).rejects.toThrow("the token that it was sent");
  });
});
