import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { OAuthProxyOptions } from "../options.ts";
import { createTestClock, type ProxyServer, startProxyServer, type TestClock } from "./proxy-server.ts";

/** What a test works with. A new server for each test; one provider, put right again, for all of a file. */
export interface ProxyFixture {
  readonly clock: TestClock;
  readonly auth0: DevAuth0;
  readonly server: ProxyServer;
  /** Another replica, or another server: closed with the test. */
  start(changes?: Partial<OAuthProxyOptions>, auth0?: DevAuth0): Promise<ProxyServer>;
}

export function useProxy(auth0Options: DevAuth0Options = {}): ProxyFixture {
  const clock = createTestClock();
  let auth0: DevAuth0;
  let servers: ProxyServer[] = [];

  async function start(changes: Partial<OAuthProxyOptions> = {}, provider = auth0): Promise<ProxyServer> {
    const server = await startProxyServer(provider, clock.now, changes);
    servers.push(server);
    return server;
  }

  beforeAll(async () => {
    auth0 = await startDevAuth0({ clock: clock.now, ...auth0Options });
  });
  beforeEach(async () => {
    await start();
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
    await auth0.restore();
    auth0.requests.length = 0;
  });
  afterAll(() => auth0.close());

  return {
    clock,
    start,
    get auth0() {
      return auth0;
    },
    get server() {
      const [server] = servers;
      if (server === undefined) {
        throw new Error("No server: use the fixture within a test.");
      }
      return server;
    },
  };
}
