import type { Credentials, Registration, User } from "../support/identity-provider.ts";

export const REALM = "mcp";

/** The audience that the application's tokens have for our servers. */
export const API = "https://mcp.example.com/api";
export const OTHER_API = "other-api";

export const users = {
  alice: { username: "alice", password: "the password of alice" },
  bob: { username: "bob", password: "the password of bob" },
} satisfies Record<string, User>;
export const application: Credentials = {
  clientId: "mcp-server",
  clientSecret: "the secret of the application that logs users in",
};
export const machine: Credentials = {
  clientId: "nightly-report",
  clientSecret: "the secret of the machine that needs no user",
};

/** A realm as an administrator sets it up for our proxies. */
export function realmFor({ redirectUris }: Registration, role: string) {
  return {
    realm: REALM,
    enabled: true,
    roles: { realm: [{ name: role }] },
    clients: [
      {
        clientId: application.clientId,
        secret: application.clientSecret,
        redirectUris,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: false,
        attributes: { "standard.token.exchange.enabled": "true" },
        // Its own id, for introspection and token exchange: Keycloak wants the asking client among the audiences.
        protocolMappers: [audience(API), clientAudience(application.clientId), clientAudience(OTHER_API)],
      },
      {
        clientId: machine.clientId,
        secret: machine.clientSecret,
        standardFlowEnabled: false,
        serviceAccountsEnabled: true,
        protocolMappers: [audience(API), clientAudience(application.clientId)],
      },
      { clientId: OTHER_API, standardFlowEnabled: false, secret: "the secret of the other API" },
    ],
  };
}

/** A user as the admin console makes one: with the realm's default roles. */
export const accountOf = ({ username, password }: User) => ({
  username,
  enabled: true,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName: username,
  lastName: "Example",
  credentials: [{ type: "password", value: password, temporary: false }],
});

/** A mapper of type Audience that adds `value` to access tokens. */
export const audience = (value: string) => audienceMapper({ "included.custom.audience": value });

const clientAudience = (clientId: string) => audienceMapper({ "included.client.audience": clientId });

function audienceMapper(config: Record<string, string>) {
  return {
    name: `audience ${Object.values(config).join()}`,
    protocol: "openid-connect",
    protocolMapper: "oidc-audience-mapper",
    config: { ...config, "access.token.claim": "true", "introspection.token.claim": "true" },
  };
}
