import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { submitPage } from "../support/browser-login.ts";
import type { IdentityProvider, Registration } from "../support/identity-provider.ts";
import type { Verifier } from "../support/table.ts";
import { KeycloakAdmin } from "./admin.ts";
import { installKeycloak } from "./install.ts";
import { followPage, readPage } from "./page.ts";
import { API, accountOf, application, machine, OTHER_API, REALM, realmFor, users } from "./realm.ts";
import { setUpRemoteClients } from "./remote-clients.ts";

/** Starts Keycloak with a realm for the servers under test. Everything in it is done by the admin API. */
export async function startKeycloak(
  registration: Registration,
  options: readonly string[] = [],
): Promise<IdentityProvider> {
  const { version, script, kcadm } = await installKeycloak();
  const page = await readPage();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const keycloak = await startProcess({
    name: "Keycloak",
    program: "bash",
    script,
    args: [
      ...["start", "--optimized", "--http-enabled=true"],
      ...["--http-host=127.0.0.1", `--http-port=${port}`, `--hostname=${origin}`],
      ...options,
    ],
    // The short-lived server gains nothing from the second compiler.
    env: { ...KeycloakAdmin.env, JAVA_OPTS_APPEND: "-XX:TieredStopAtLevel=1" },
    readyUrl: `${origin}/realms/master/.well-known/openid-configuration`,
    readyTimeout: 300_000,
  });
  const admin = new KeycloakAdmin(origin);
  await admin.post("", realmFor(registration, page.role));
  for (const user of Object.values(users)) {
    await admin.post(`/${REALM}/users`, accountOf(user));
  }
  const [alice] = await admin.get<{ id: string }[]>(`/${REALM}/users?exact=true&username=${users.alice.username}`);
  await admin.post(`/${REALM}/users/${alice?.id}/role-mappings/realm`, [
    await admin.get(`/${REALM}/roles/${page.role}`),
  ]);
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
    direct: (verifier) => ({
      authorize: { scope: "openid tools:use" },
      machine: { scope: verifier === "KeycloakAuthProvider" ? page.scope : "openid tools:use" },
    }),
    settings: (verifier) => (verifier === "KeycloakAuthProvider" ? page.settings : (settings[verifier] ?? {})),
    async prepare(verifier, server) {
      if (verifier === "RemoteAuthProvider") {
        await setUpRemoteClients(admin, server);
      }
      if (verifier === "KeycloakAuthProvider") {
        await followPage(kcadm, origin, server);
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

/** Without the scope offline_access, its revocation ends the user's login, and with it the user's other sessions. */
const sessions = { OFFLINE_ACCESS: "off", REVOKE_UPSTREAM: "false" };

const settings: Partial<Record<Verifier, Record<string, string>>> = {
  OIDCProxy: {
    AUDIENCE: API,
    REQUIRED_SCOPES: "openid tools:use",
    MACHINE_CLIENTS: JSON.stringify([machine.clientId]),
  },
  "OAuthProxy (introspection)": { AUDIENCE: API, REQUIRED_SCOPES: "openid tools:use", ...sessions },
  "OAuthProxy (userinfo)": { REQUIRED_SCOPES: "openid tools:use", ...sessions },
  "OAuthProxy (JWKS)": { AUDIENCE: API, REQUIRED_SCOPES: "openid tools:use", ...sessions },
  JWTVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
  IntrospectionTokenVerifier: { AUDIENCE: API, REQUIRED_SCOPES: "tools:use" },
};
