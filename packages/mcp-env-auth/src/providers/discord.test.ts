import { describe, expect, it } from "vitest";
import { discordAt } from "./discord.ts";
import { protectServer } from "./testing/protected-server.ts";
import { bearerOf, CLIENT_ID, CLIENT_SECRET, startStandIn } from "./testing/stand-in.ts";

const USER = {
  id: "268473310986240001",
  username: "discord",
  avatar: "f749bb0cbeeb26ef21eca719337d20f1",
  discriminator: "0",
  global_name: "Discord",
  public_flags: 131_072,
};

async function startDiscord({ application = CLIENT_ID, scopes = ["identify"], user = USER as object | null } = {}) {
  const discord = await startStandIn({
    authorizePath: "/oauth2/authorize",
    tokenPath: "/api/oauth2/token",
    issue: ({ refreshes }) => ({
      access_token: `token-${refreshes}`,
      token_type: "Bearer",
      expires_in: 604_800,
      refresh_token: `refresh-${refreshes}`,
      scope: scopes.join(" "),
    }),
    routes: () => ({
      "/api/oauth2/@me": (request) =>
        bearerOf(request)?.startsWith("token-")
          ? {
              json: {
                application: { id: application, name: "My app", bot_public: true, verify_key: "c8cde6a3" },
                expires: new Date(Date.now() + 604_800_000).toISOString().replace("Z", "000+00:00"),
                scopes,
                ...(user && { user }),
              },
            }
          : { status: 401, json: { message: "401: Unauthorized", code: 0 } },
      "/api/oauth2/token/revoke": () => ({ json: {} }),
    }),
  });
  return { discord, provider: discordAt(discord.origin) };
}

const variables = { CLIENT_ID, CLIENT_SECRET };

describe("a login at Discord", () => {
  it("asks for identify, and gives the user's claims to tools", async () => {
    const { discord, provider } = await startDiscord();
    const server = await protectServer(provider, variables);
    const { client, tokens } = await server.logIn();
    expect(discord.to("/oauth2/authorize")[0]?.query.scope).toBe("identify");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      token: "token-0",
      subject: USER.id,
      scopes: ["identify"],
      claims: { sub: USER.id, username: "discord", avatar: USER.avatar },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    expect((await server.verify(body.access_token ?? "")).token).toBe("token-1");
    await client.revoke(body.refresh_token ?? "");
    // Discord would end all of the user's sessions at the application.
    expect(discord.to("/api/oauth2/token/revoke")).toEqual([]);
  });

  it("asks for identify beside other scopes: without it Discord does not tell whose the token is", async () => {
    const { discord, provider } = await startDiscord({ scopes: ["identify", "email"] });
    const server = await protectServer(provider, { ...variables, REQUIRED_SCOPES: "email" });
    expect((await server.logIn()).tokens.scope).toBe("email");
    expect(discord.to("/oauth2/authorize")[0]?.query.scope).toBe("email identify");
  });

  it("refuses a login without a required scope, or without a user", async () => {
    const few = await startDiscord();
    const server = await protectServer(few.provider, { ...variables, REQUIRED_SCOPES: "identify guilds" });
    await expect(server.logIn()).rejects.toThrow("required scopes: guilds");
    const nobody = await startDiscord({ user: null });
    await expect((await protectServer(nobody.provider, variables)).logIn()).rejects.toThrow("identifies nobody");
  });

  it("Security: a replay ends no other session at Discord, even where a logout does", async () => {
    const { discord, provider } = await startDiscord();
    const server = await protectServer(provider, { ...variables, REVOKE_UPSTREAM: "true" });
    const { client, tokens } = await server.logIn();
    const { body: second } = await client.refresh(tokens.refresh_token);
    await client.refresh(second.refresh_token ?? "");
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
    expect((await client.refresh(second.refresh_token ?? "")).body.error).toBe("invalid_grant");
    expect(discord.to("/api/oauth2/token/revoke")).toEqual([]);
    const other = await server.logIn();
    expect((await other.client.revoke(other.tokens.refresh_token)).status).toBe(200);
    expect(discord.to("/api/oauth2/token/revoke")).toHaveLength(1);
  });
});

describe("Security: a Discord token of another application", () => {
  it("logs nobody in", async () => {
    const { provider } = await startDiscord({ application: "157730590492196864" });
    await expect((await protectServer(provider, variables)).logIn()).rejects.toThrow("another application");
  });
});
