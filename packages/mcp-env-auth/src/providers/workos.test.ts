import { describe, expect, it } from "vitest";
import { protectServer } from "./testing/protected-server.ts";
import {
  bearerOf,
  CLIENT_ID,
  CLIENT_SECRET,
  isOurClient,
  type StandInAnswer,
  startStandIn,
} from "./testing/stand-in.ts";
import { WorkOSProvider } from "./workos.ts";

const USER_ID = "user_01JPXN6KA7622KJ4VP83X1NTKX";

/**
 * WorkOS Connect, whose introspection has no scope: what was granted stands in the token endpoint's answer, if
 * anywhere.
 */
async function startWorkOS({ clientId = CLIENT_ID, scope }: { clientId?: string; scope?: string } = {}) {
  const workos = await startStandIn({
    authorizePath: "/oauth2/authorize",
    tokenPath: "/oauth2/token",
    issue: ({ refreshes }) => ({
      access_token: `token-${refreshes}`,
      token_type: "bearer",
      expires_in: 300,
      refresh_token: `refresh-${refreshes}`,
      ...(scope !== undefined && { scope }),
    }),
    routes: (origin) => ({
      "/oauth2/introspection": (request): StandInAnswer => {
        if (!isOurClient(request)) {
          return { status: 401, json: { error: "invalid_client" } };
        }
        if (!request.form.token?.startsWith("token-")) {
          return { json: { active: false } };
        }
        const now = Math.floor(Date.now() / 1000);
        return {
          json: {
            active: true,
            client_id: clientId,
            iss: origin,
            aud: "client_123456789",
            sub: USER_ID,
            org_id: "org_01HRDMC6CM357W30QMHMQ96Q0S",
            sid: "app_consent_01JPXN6KAQW83AMXXY5WX3RHTJ",
            jti: "01JPXN6KFGZQYW3AM2DEVX84YS",
            exp: now + 300,
            iat: now,
            token_type: "access_token",
          },
        };
      },
      "/oauth2/userinfo": (request) =>
        bearerOf(request)?.startsWith("token-")
          ? { json: { sub: USER_ID, email: "ada@example.com", email_verified: true, given_name: "Ada" } }
          : { status: 401, json: { error: "invalid_token" } },
    }),
  });
  return { workos, variables: { CLIENT_ID, CLIENT_SECRET, AUTHKIT_DOMAIN: workos.origin } };
}

describe("a login at WorkOS", () => {
  it("asks for offline access, and gives the user's claims to tools", async () => {
    const { workos, variables } = await startWorkOS();
    const server = await protectServer(WorkOSProvider, { ...variables, REQUIRED_SCOPES: "openid email" });
    const { client, tokens } = await server.logIn();
    expect(workos.to("/oauth2/authorize")[0]?.query.scope).toBe("openid email offline_access");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      token: "token-0",
      subject: USER_ID,
      scopes: ["openid", "email"],
      claims: { email: "ada@example.com", org_id: "org_01HRDMC6CM357W30QMHMQ96Q0S" },
    });
    const { body } = await client.refresh(tokens.refresh_token);
    expect((await server.verify(body.access_token ?? "")).token).toBe("token-1");
  });

  it("needs no scope", async () => {
    const { variables } = await startWorkOS();
    const server = await protectServer(WorkOSProvider, variables);
    expect((await server.logIn()).tokens).not.toHaveProperty("scope");
  });

  it("goes on without the user's profile where the token does not open it, and not while WorkOS is out", async () => {
    const { workos, variables } = await startWorkOS();
    const server = await protectServer(WorkOSProvider, variables);
    workos.override("/oauth2/userinfo", () => ({ status: 403, json: { error: "insufficient_scope" } }));
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).claims).not.toHaveProperty("email");
    workos.override("/oauth2/userinfo", () => ({ status: 503 }));
    await expect(server.logIn()).rejects.toThrow("temporarily_unavailable");
  });
});

describe("Security: scopes of WorkOS are those that were granted, and tokens those of our application", () => {
  it("does not take a required scope for granted", async () => {
    const { variables } = await startWorkOS({ scope: "openid" });
    const server = await protectServer(WorkOSProvider, { ...variables, REQUIRED_SCOPES: "openid email" });
    await expect(server.logIn()).rejects.toThrow("required scopes: email");
  });

  it("logs nobody in whose token and userinfo are of two users", async () => {
    const { workos, variables } = await startWorkOS();
    workos.override("/oauth2/userinfo", () => ({ json: { sub: "user_another", email: "eve@example.com" } }));
    await expect((await protectServer(WorkOSProvider, variables)).logIn()).rejects.toThrow("different users");
  });

  it("logs nobody in with a token of another application", async () => {
    const { variables } = await startWorkOS({ clientId: "client_another" });
    await expect((await protectServer(WorkOSProvider, variables)).logIn()).rejects.toThrow("another application");
  });
});

it("Security rule 20: SUBJECT_CLAIM names the users of WorkOS", async () => {
  const { variables } = await startWorkOS();
  const server = await protectServer(WorkOSProvider, {
    ...variables,
    REQUIRED_SCOPES: "openid",
    SUBJECT_CLAIM: "email",
  });
  const { tokens } = await server.logIn();
  expect((await server.verify(tokens.access_token)).subject).toBe("ada@example.com");
});
