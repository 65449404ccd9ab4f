import { describe, expect, it } from "vitest";
import { ClerkProvider } from "./clerk.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient, startStandIn } from "./testing/stand-in.ts";

const USER_ID = "user_2xhFjEI5X2qWRvtV13BzSj8H6Dk";

async function startClerk({ active = true, clientId = CLIENT_ID } = {}) {
  const clerk = await startStandIn({
    authorizePath: "/oauth/authorize",
    tokenPath: "/oauth/token",
    issue: ({ scope, refreshes }) => ({
      access_token: `oat_${refreshes}`,
      expires_in: 86_400,
      refresh_token: `ort_${refreshes}`,
      scope,
      token_type: "bearer",
    }),
    routes: () => ({
      "/oauth/token_info": (request) =>
        isOurClient(request)
          ? {
              json: active
                ? {
                    active,
                    client_id: clientId,
                    sub: USER_ID,
                    scope: "openid email profile",
                    iat: 1,
                    token_type: "access_token",
                  }
                : { active },
            }
          : { status: 401, json: {} },
      "/oauth/userinfo": () => ({
        json: { object: "oauth_user_info", user_id: USER_ID, sub: USER_ID, email: "ada@example.com", name: "Ada" },
      }),
      "/oauth/token/revoke": () => ({ json: {} }),
    }),
  });
  return { clerk, variables: { CLIENT_ID, CLIENT_SECRET, DOMAIN: clerk.origin } };
}

describe("a login at Clerk", () => {
  it("asks for openid, email and profile, and gives the user's claims to tools", async () => {
    const { clerk, variables } = await startClerk();
    const server = await protectServer(ClerkProvider, variables);
    const { client, tokens } = await server.logIn();
    expect(clerk.to("/oauth/authorize")[0]?.query.scope).toBe("openid email profile offline_access");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: USER_ID,
      scopes: ["openid", "email", "profile"],
      claims: { email: "ada@example.com" },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    await client.revoke(body.refresh_token ?? "");
    expect(clerk.to("/oauth/token/revoke")[0]?.form.token).toBe("ort_1");
  });
});

describe("Security: a Clerk token that is not active, or of another application", () => {
  it.each([
    [{ active: false }, "not active"],
    [{ clientId: "another" }, "another application"],
  ])("logs nobody in: %o", async (changes, reason) => {
    const { variables } = await startClerk(changes);
    await expect((await protectServer(ClerkProvider, variables)).logIn()).rejects.toThrow(reason);
  });
});

it("Security rule 20: SUBJECT_CLAIM names the users of Clerk", async () => {
  const { variables } = await startClerk();
  const server = await protectServer(ClerkProvider, { ...variables, SUBJECT_CLAIM: "email" });
  const { tokens } = await server.logIn();
  expect((await server.verify(tokens.access_token)).subject).toBe("ada@example.com");
});
