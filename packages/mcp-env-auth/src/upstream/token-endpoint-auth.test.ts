import { type Application, type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { createOAuthUpstreamClient } from "./oauth-client.ts";
import { startProvider } from "./testing/provider-server.ts";
import { recordingLogger } from "./testing/recording-logger.ts";
import {
  clientAt,
  loginWithCode,
  newLogin,
  REDIRECT_URI,
  upstreamError,
  VARIABLES,
} from "./testing/upstream-client.ts";

const SECRET = "a-secret";
const applications: readonly Application[] = [
  { clientId: "web", clientSecret: SECRET, type: "regular_web" },
  { clientId: "post", clientSecret: SECRET, type: "regular_web", tokenEndpointAuthMethod: "client_secret_post" },
  { clientId: "grantless", clientSecret: SECRET, type: "regular_web", grantTypes: ["client_credentials"] },
  { clientId: "spa", type: "spa" },
];
/** A Single Page Application, and a secret that a guide has had put into the .env. */
const secretInEnv = { clientId: "spa", clientSecret: "left-in-the-env" };
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({ applications });
});
afterEach(() => auth0.restore());
afterAll(() => auth0.close());

/** How each token request authenticated. */
function methods(requests: readonly { path: string; authorization: string | undefined; params: object }[]) {
  return requests
    .filter(({ path }) => path === "/oauth/token")
    .map(({ authorization, params }) => authorization ?? ("client_secret" in params ? "post" : "none"));
}

describe("checking the credentials", () => {
  it("accepts those of a Regular Web Application", async () => {
    const { client, logger } = await clientAt(auth0);
    await client.checkCredentials(REDIRECT_URI);
    expect(methods(auth0.requests)).toEqual(["Basic"]);
    expect(logger.lines).toMatchObject([{ level: "info", fields: { method: "client_secret_basic" } }]);
  });

  it("settles on client_secret_post where the application has that", async () => {
    const { client } = await clientAt(auth0, { clientId: "post" });
    await client.checkCredentials(REDIRECT_URI);
    await client.exchangeCode(await loginWithCode(client));
    expect(methods(auth0.requests)).toEqual(["Basic", "post", "post"]);
  });

  it("settles on none for a Single Page Application, and says that the secret is not used", async () => {
    const { client, logger } = await clientAt(auth0, {
      ...secretInEnv,
      advice: { publicClient: "A Single Page Application." },
    });
    await client.checkCredentials(REDIRECT_URI);
    await client.exchangeCode(await loginWithCode(client));
    expect(methods(auth0.requests)).toEqual(["Basic", "post", "none", "none"]);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.message).toContain("Single Page");
    expect(logger.lines[0]?.message).toContain(VARIABLES.clientSecret);
  });

  it("needs no secret for a Single Page Application", async () => {
    const { client } = await clientAt(auth0, { clientId: "spa", clientSecret: undefined });
    await client.checkCredentials(REDIRECT_URI);
    await client.exchangeCode(await loginWithCode(client));
    expect(methods(auth0.requests)).toEqual(["none", "none"]);
  });

  it("takes an empty secret for none", async () => {
    const { client } = await clientAt(auth0, { clientId: "spa", clientSecret: "" });
    await client.checkCredentials(REDIRECT_URI);
    expect(methods(auth0.requests)).toEqual(["none"]);
  });

  it.each([
    ["secret", { clientSecret: "wrong-secret" }],
    ["client id", { clientId: "wrong-id" }],
  ])("rejects a wrong %s, and names what to check", async (_title, options) => {
    const { client } = await clientAt(auth0, options);
    const error = await upstreamError(client.checkCredentials(REDIRECT_URI));
    expect(error).toMatchObject({ kind: "credentials", code: "access_denied" });
    expect(error.message).toContain(VARIABLES.clientId);
    expect(error.message).toContain(VARIABLES.clientSecret);
    expect(error.message).toContain("tried client_secret_basic, client_secret_post, none");
    expect(error.message).not.toContain("wrong-secret");
  });

  it("says that a secret is missing", async () => {
    const { client } = await clientAt(auth0, { clientSecret: undefined });
    const error = await upstreamError(client.checkCredentials(REDIRECT_URI));
    expect(error.message).toContain(`set ${VARIABLES.clientSecret}`);
  });

  it("says that a grant is missing", async () => {
    const { client } = await clientAt(auth0, { clientId: "grantless" });
    const error = await upstreamError(client.checkCredentials(REDIRECT_URI));
    expect(error).toMatchObject({ kind: "credentials", code: "unauthorized_client" });
    expect(error.message).toContain("authorization code and refresh token grants");
  });

  it("gives no verdict while the provider is out", async () => {
    const { client } = await clientAt(auth0);
    auth0.misbehave({ token: { status: 503 } });
    expect((await upstreamError(client.checkCredentials(REDIRECT_URI))).kind).toBe("unavailable");
    await auth0.restore();
    await client.checkCredentials(REDIRECT_URI);
  });

  it("goes on to the next method when a provider calls a request without the one it wants invalid", async () => {
    const { client, provider } = await providerThat(({ form }) =>
      form.client_secret === undefined ? "invalid_request" : "invalid_grant",
    );
    await client.checkCredentials(REDIRECT_URI);
    expect(provider.requests).toHaveLength(2);
  });

  it("gives no verdict when the provider objects to something else", async () => {
    const { client } = await providerThat(() => "invalid_request");
    expect((await upstreamError(client.checkCredentials(REDIRECT_URI))).kind).toBe("rejected");
  });

  it("sends a code that can't be one, with everything that belongs to it", async () => {
    const { client, provider } = await providerThat(() => "invalid_grant");
    await client.checkCredentials(REDIRECT_URI);
    expect(provider.requests[0]?.form).toEqual({
      grant_type: "authorization_code",
      code: expect.stringMatching(/^credentials-check-/),
      code_verifier: expect.stringMatching(/^.{43}$/),
      redirect_uri: REDIRECT_URI,
    });
  });
});

describe("a call before the credentials were checked", () => {
  it("finds out the method itself, and stays with it", async () => {
    const { client } = await clientAt(auth0, secretInEnv);
    const { refreshToken = "" } = await client.exchangeCode(await loginWithCode(client));
    await client.refresh(refreshToken, ["openid"]);
    expect(methods(auth0.requests)).toEqual(["Basic", "post", "none", "none"]);
  });

  it("is a refusal of the credentials when no method is accepted", async () => {
    const { client } = await clientAt(auth0, { clientSecret: "wrong-secret" });
    const login = await loginWithCode(client);
    expect((await upstreamError(client.exchangeCode(login))).kind).toBe("credentials");
  });

  it("is made once when the provider refuses it for another reason", async () => {
    const { client, provider } = await providerThat(() => "invalid_scope");
    expect((await upstreamError(client.exchangeCode({ ...newLogin(), code: "code" }))).kind).toBe("rejected");
    expect(provider.requests).toHaveLength(1);
  });

  it("finds the new method of an application that was changed meanwhile", async () => {
    let wanted = "client_secret";
    const { client, provider } = await providerThat(({ authorization, form }) => {
      const sent = authorization !== undefined ? "basic" : form.client_secret !== undefined ? "client_secret" : "none";
      return sent === wanted ? "invalid_grant" : "invalid_client";
    });
    await client.checkCredentials(REDIRECT_URI);
    wanted = "none";
    expect((await upstreamError(client.refresh("token", []))).kind).toBe("invalid_grant");
    provider.requests.length = 0;
    expect((await upstreamError(client.refresh("token", []))).kind).toBe("invalid_grant");
    expect(provider.requests).toHaveLength(1);
  });
});

describe("the method", () => {
  it.each([
    [["client_secret_basic", "client_secret_post"], "Basic"],
    [["client_secret_post"], "post"],
    [["private_key_jwt"], "Basic"],
  ])("is what the provider lists first of ours: %j", async (listed, method) => {
    auth0.misbehave({ discovery: { metadata: { token_endpoint_auth_methods_supported: listed } } });
    const { client } = await clientAt(auth0);
    await client.checkCredentials(REDIRECT_URI);
    expect(methods(auth0.requests)).toEqual([method]);
  });

  it("is the configured one and no other", async () => {
    const { client } = await clientAt(auth0, { ...secretInEnv, tokenEndpointAuthMethod: "client_secret_post" });
    expect((await upstreamError(client.checkCredentials(REDIRECT_URI))).kind).toBe("credentials");
    expect(methods(auth0.requests)).toEqual(["post"]);
  });

  it("can't need a secret that is not there", async () => {
    const start = clientAt(auth0, { clientSecret: undefined, tokenEndpointAuthMethod: "client_secret_basic" });
    await expect(start).rejects.toThrow(ConfigError);
    await expect(start).rejects.toThrow(VARIABLES.clientSecret);
  });

  it("client_secret_basic form-encodes what needs it, and leaves - _ . as they are", async () => {
    const { client, provider } = await providerThat(() => "invalid_grant", "s-e_c.r%e:t +é");
    await client.checkCredentials(REDIRECT_URI);
    const [, encoded = ""] = provider.requests[0]?.authorization?.split(" ") ?? [];
    expect(Buffer.from(encoded, "base64").toString()).toBe("client-1:s-e_c.r%25e%3At+%2B%C3%A9");
  });
});

/** A provider that answers every token request with an error. */
async function providerThat(
  error: (request: { authorization: string | undefined; form: Readonly<Record<string, string>> }) => string,
  clientSecret = "secret",
) {
  const provider = await startProvider((request) => ({ status: 400, json: { error: error(request) } }));
  const client = createOAuthUpstreamClient({
    authorizationEndpoint: `${provider.origin}/authorize`,
    tokenEndpoint: `${provider.origin}/token`,
    clientId: "client-1",
    clientSecret,
    variables: VARIABLES,
    logger: recordingLogger(),
  });
  return { provider, client };
}
