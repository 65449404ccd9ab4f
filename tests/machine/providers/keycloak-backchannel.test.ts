import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKeycloak } from "./keycloak/start.ts";
import { type Deployment, deploy } from "./support/deployment.ts";
import { discover } from "./support/discovery.ts";
import { DIRECT_CALLBACK, type IdentityProvider } from "./support/identity-provider.ts";
import { RUN } from "./support/steps.ts";
import type { Verifier } from "./support/table.ts";

const TIMEOUT = 8 * 60_000;

/** Keycloak as this server reaches it inside a cluster. Clients and browsers know another address. */
const INTERNAL = "keycloak.identity.svc:8080";

/** A forward proxy in the place of the cluster's network: it leads the internal name to `port` on this machine. */
async function startNetwork(port: number): Promise<{ readonly address: string; readonly server: Server }> {
  const server = createServer();
  server.on("connect", (request, client: Socket) => {
    if (request.url !== INTERNAL) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const target = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const [one, other] of [
      [target, client],
      [client, target],
    ] as const) {
      one.on("error", () => other.destroy());
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("Keycloak with a backchannel on http inside a cluster", () => {
  const servers = new Map<Verifier, string>();
  let provider: IdentityProvider;
  let network: Awaited<ReturnType<typeof startNetwork>>;
  const deployments: Deployment[] = [];

  beforeAll(async () => {
    for (const verifier of ["OIDCProxy", "JWTVerifier"] as const) {
      servers.set(verifier, `http://127.0.0.1:${await freePort()}`);
    }
    const redirectUris = [...[...servers.values()].map((origin) => `${origin}/auth/callback`), DIRECT_CALLBACK];
    const registration = { servers: Object.fromEntries(servers), redirectUris };
    provider = await startKeycloak(registration, ["--hostname-backchannel-dynamic=true"]);
    network = await startNetwork(Number(new URL(provider.issuer).port));
  }, TIMEOUT);
  afterAll(async () => {
    await Promise.all(deployments.map((deployment) => deployment.stop()));
    network?.server.closeAllConnections();
    network?.server.close();
    await provider?.close();
  });

  async function start(verifier: Verifier, settings: Record<string, string>): Promise<Deployment> {
    const configured = {
      ...provider,
      settings: (of: Verifier, origin: string) => ({ ...provider.settings(of, origin), ...settings }),
    };
    const metadata = await discover(provider.issuer);
    const origin = servers.get(verifier) ?? "";
    const deployment = await deploy(configured, metadata, verifier, origin, { HTTP_PROXY: network.address });
    deployments.push(deployment);
    return deployment;
  }

  const realm = () => `http://${INTERNAL}${new URL(provider.issuer).pathname}`;

  it(
    "logs users in by ISSUER and PLAIN_HTTP_HOSTS",
    async () => {
      const deployment = await start("OIDCProxy", {
        CONFIG_URL: `${realm()}/.well-known/openid-configuration`,
        ISSUER: provider.issuer,
        PLAIN_HTTP_HOSTS: INTERNAL,
      });
      for (const step of ["login", "call", "refresh twice", "revoke", "machine", "restart in between"] as const) {
        await expect(RUN[step](deployment), step).resolves.toBeUndefined();
      }
      expect(deployment.log()).toContain(`PLAIN_HTTP_HOSTS allows http:// to ${INTERNAL}`);
    },
    TIMEOUT,
  );

  it(
    "verifies tokens that clients bring, by keys from there and the public issuer",
    async () => {
      const deployment = await start("JWTVerifier", {
        JWKS_URI: `${realm()}/protocol/openid-connect/certs`,
        PLAIN_HTTP_HOSTS: INTERNAL,
      });
      await expect(RUN.call(deployment)).resolves.toBeUndefined();
    },
    TIMEOUT,
  );
});
