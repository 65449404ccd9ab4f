import { describe, expect, it } from "vitest";
import { createTestClock } from "../proxy/testing/proxy-server.ts";
import { huggingFaceAt } from "./huggingface.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, startStandIn } from "./testing/stand-in.ts";

const USER = {
  sub: "62f264b9f3c90f4b6514a269",
  name: "Ada",
  preferred_username: "ada",
  profile: "https://huggingface.co/ada",
  picture: "https://huggingface.co/avatars/ada.svg",
  isPro: false,
  orgs: [{ sub: "1", name: "org", preferred_username: "org", isEnterprise: false }],
};

/** Hugging Face, whose tokens last eight hours and come without a refresh token. */
async function startHuggingFace() {
  const huggingFace = await startStandIn({
    authorizePath: "/oauth/authorize",
    tokenPath: "/oauth/token",
    issue: ({ scope }) => ({
      access_token: "hf_oauth_token",
      token_type: "bearer",
      expires_in: 28_800,
      scope,
      id_token: "x",
    }),
    routes: () => ({
      "/oauth/userinfo": ({ headers }) =>
        headers.authorization === "Bearer hf_oauth_token"
          ? { json: USER }
          : { status: 401, json: { error: "Invalid" } },
    }),
  });
  return { huggingFace, provider: huggingFaceAt(huggingFace.origin) };
}

describe("a login at Hugging Face", () => {
  it("asks for openid and profile, and gives the user's claims to tools", async () => {
    const { huggingFace, provider } = await startHuggingFace();
    const server = await protectServer(provider, { CLIENT_ID, CLIENT_SECRET });
    const { tokens } = await server.logIn();
    expect(huggingFace.to("/oauth/authorize")[0]?.query.scope).toBe("openid profile");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: USER.sub,
      scopes: ["openid", "profile"],
      claims: { preferred_username: "ada" },
    });
  });

  it("lasts as long as the provider's token, an hour at a time", async () => {
    const clock = createTestClock();
    const { provider } = await startHuggingFace();
    const server = await protectServer(provider, { CLIENT_ID, CLIENT_SECRET }, { clock: clock.now });
    const { client, tokens } = await server.logIn();
    clock.advance(7 * 3600);
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect(status).toBe(200);
    expect(body.scope).toBe("openid profile");
    clock.advance(3601);
    expect(await client.refresh(body.refresh_token ?? "")).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
  });

  it("works for a public app, with a key of its own for sealing", async () => {
    const { huggingFace, provider } = await startHuggingFace();
    huggingFace.override("/oauth/token", ({ form, headers }) =>
      headers.authorization === undefined && form.client_secret === undefined && form.code_verifier !== undefined
        ? {
            json: { access_token: "hf_oauth_token", token_type: "bearer", expires_in: 28_800, scope: "openid profile" },
          }
        : { status: 401, json: { error: "invalid_client" } },
    );
    const server = await protectServer(provider, {
      CLIENT_ID,
      TOKEN_ENDPOINT_AUTH_METHOD: "none",
      JWT_SIGNING_KEY: "a key of its own, of more than 32 characters",
    });
    await expect(server.logIn()).resolves.toBeDefined();
  });
});

it("Security rule 20: SUBJECT_CLAIM names the users of Hugging Face", async () => {
  const { provider } = await startHuggingFace();
  const settings = { CLIENT_ID, CLIENT_SECRET, SUBJECT_CLAIM: "preferred_username" };
  const server = await protectServer(provider, settings);
  const { tokens } = await server.logIn();
  expect((await server.verify(tokens.access_token)).subject).toBe("ada");
});
