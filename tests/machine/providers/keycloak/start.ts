import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { submitPage } from "../support/browser-login.ts";
import type { IdentityProvider, Registration } from "../support/identity-provider.ts";
import type { Verifier } from "../support/table.ts";
import { KeycloakAdmin } from "./admin.ts";
import { installKeycloak } from "./install.ts";
import { API, accountOf, application, machine, OTHER_API, REALM, realmFor, users } from "./realm.ts";
import { setUpByThePage } from "./remote-clients.ts";

/** Starts Keycloak with a realm for the servers under test. Everything in it is done by the admin API. */
export async function startKeycloak(registration: Registration): Promise<IdentityProvider> {
  const { version, script } = await installKeycloak();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const keycloak = await startProcess({
    name: "Keycloak",
    program: "bash",
    script,
    args: [
      ...["start", "--optimized", "--http-enabled=true"],
      ...["--http-host=127.0.0.1", `--http-port=${port}`, `--hostname=${origin}`],
    ],
    // The short-lived server gains nothing from the second compiler.
    env: { ...KeycloakAdmin.env, JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1" },
    readyUrl: `${origin}/realms/master/.well-known/openid-configuration`,
    readyTimeout: 300_000,
  });
  const admin = new KeycloakAdmin(origin);
  await admin.post("", realmFor(registration));
  for (const user of Object.values(users)) {
    await admin.post(`/${REALM}/users`, accountOf(user));
  }
  // The scope of our servers' tools, which clients have to ask for.
  await admin.post(`/${REALM}/client-scopes`, {
    name: "tools:use",
    protocol: "openid-connect",
    attributes: { "include.in.token.scope": "true" },
  });
  const scopes = await admin.get<{ id: string; name: string }[]>(`/${REALM}/client-scopes`);
  const tools = scopes.find(({ name }) => name === "tools:use")?.id;
  await admin.put(`/${REALM}/default-optional-client-scopes/${tools}`);
  for (const { clientId } of [application, machine]) {
    const [client] = await admin.get<{ id: string }[]>(`/${REALM}/clients?clientId=${clientId}`);
    await admin.put(`/${REALM}/clients/${client?.id}/optional-client-scopes/${tools}`);
  }
  let priority = 100;
  const setEnabled = async (username: string, enabled: boolean) => {
    const [user] = await admin.get<{ id: string }[]>(`/${REALM}/users?exact=true&username=${username}`);
    await admin.put(`/${REALM}/users/${user?.id}`, { ...user, enabled });
  };

  return {
    version,
    issuer: `${origin}/realms/${REALM}`,
    ...application,
    machine,
    users,
    otherApi: OTHER_API,
    direct: () => ({ authorize: { scope: "openid tools:use" }, machine: { scope: "openid tools:use" } }),
    settings: (verifier) => settings[verifier] ?? {},
    async prepare(verifier, server) {
      if (verifier === "RemoteAuthProvider" || verifier === "KeycloakAuthProvider") {
        await setUpByThePage(admin, verifier, server);
      }
    },
    logIn: (browser, page, username, isCallback) =>
      submitPage(browser, page, users[username as keyof typeof users], isCallback),
    async rotateKeys() {
      priority += 1;
      await admin.post(`/${REALM}/components`, {
        name: `key ${priority}`,
        providerId: "rsa-generated",
        providerType: "org.keycloak.keys.KeyProvider",
        config: { priority: [String(priority)], keySize: ["2048"], algorithm: ["RS256"] },
      });
    },
    disable: (username) => setEnabled(username, false),
    enable: (username) => setEnabled(username, true),
    close: keycloak.stop,
  };
}

const settings: Partial<Record<Verifier, Record<string, string>>> = {
  OIDCProxy: {
    AUDIENCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  "OAuthProxy (introspection)": { AUDIENCE: API, REQUIRED_SCOPES: "openid tools:use" },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid tools:use" },
  JWTVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  IntrospectionTokenVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
};
