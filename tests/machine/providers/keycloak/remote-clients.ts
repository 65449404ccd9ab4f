import type { KeycloakAdmin } from "./admin.ts";
import { audience, machine, REALM } from "./realm.ts";

interface Component {
  readonly id: string;
  readonly providerId: string;
  readonly subType?: string;
  readonly config: Readonly<Record<string, readonly string[]>>;
}

/** Sets the realm up for clients that register themselves and name no scopes: they get those of the realm. */
export async function setUpRemoteClients(admin: KeycloakAdmin, server: string): Promise<void> {
  await trustLocalHosts(admin);
  const name = "audience-of-RemoteAuthProvider";
  await admin.post(`/${REALM}/client-scopes`, {
    name,
    protocol: "openid-connect",
    attributes: { "include.in.token.scope": "false" },
    protocolMappers: [audience(`${server}/mcp`)],
  });
  const scopes = await admin.get<{ id: string; name: string }[]>(`/${REALM}/client-scopes`);
  const scope = scopes.find((each) => each.name === name);
  await admin.put(`/${REALM}/default-default-client-scopes/${scope?.id}`);
  // Clients that are there already don't get it that way.
  const [client] = await admin.get<{ id: string }[]>(`/${REALM}/clients?clientId=${machine.clientId}`);
  await admin.put(`/${REALM}/clients/${client?.id}/default-client-scopes/${scope?.id}`);
}

/** Clients > Client registration > Anonymous access > Trusted Hosts. */
async function trustLocalHosts(admin: KeycloakAdmin): Promise<void> {
  const type = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";
  const components = await admin.get<Component[]>(`/${REALM}/components?type=${type}`);
  const trusted = components.find(
    ({ providerId, subType }) => providerId === "trusted-hosts" && subType === "anonymous",
  );
  if (trusted === undefined) {
    throw new Error("There is no policy for trusted hosts");
  }
  await admin.put(`/${REALM}/components/${trusted.id}`, {
    ...trusted,
    config: { ...trusted.config, "trusted-hosts": ["127.0.0.1", "localhost"] },
  });
}
