import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll } from "vitest";
import { McpClient, TestBrowser } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { type InProcessOptions, type InProcessServer, launchInProcess, until } from "./in-process.ts";

export interface AttackedServerOptions extends Omit<InProcessOptions, "auth0" | "clock"> {
  readonly provider?: DevAuth0Options;
}

/** A server and its identity provider for all tests of a file, on one clock that the tests move. */
export interface AttackedServer {
  readonly auth0: DevAuth0;
  readonly server: InProcessServer;
  readonly origin: string;
  /** What its tokens are for, and where its clients connect. */
  readonly resource: string;
  readonly issuer: string;
  /** Seconds since the Unix epoch. */
  clock(): number;
  advance(seconds: number): void;
  /** A client that has registered. */
  client(metadata?: Record<string, unknown>): Promise<McpClient>;
  /** A registered client and its tokens, after a user's login. */
  login(username?: string, scope?: string): Promise<LoggedIn>;
  /** Starts another server of the same provider, beside this one. The test closes it. */
  launch(options?: Partial<Omit<InProcessOptions, "auth0">>): ReturnType<typeof launchInProcess>;
}

export interface LoggedIn {
  readonly client: McpClient;
  readonly accessToken: string;
  readonly refreshToken: string;
}

// Long enough not to be stretched, which takes its time at every start.
const SIGNING_KEY = "a signing key of more than thirty-two bytes";

/** Starts them before the tests of a file. No rate limit, unless `env` sets one: the tests share one address. */
export function useAttackedServer({ provider, env, ...options }: AttackedServerOptions = {}): AttackedServer {
  const time = { now: Math.floor(Date.now() / 1000) };
  const clock = () => time.now;
  let auth0: DevAuth0;
  let running: Awaited<ReturnType<typeof launchInProcess>>;

  const launch: AttackedServer["launch"] = async ({ env: own, ...changes } = {}) => {
    const launched = await launchInProcess({
      auth0,
      clock,
      ...options,
      ...changes,
      env: { FASTMCP_RATE_LIMIT: "0", FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: SIGNING_KEY, ...env, ...own },
    });
    await until(async () => (await fetch(`${launched.origin}/readyz`)).ok);
    return launched;
  };

  beforeAll(async () => {
    auth0 = await startDevAuth0({ clock, ...provider });
    running = await launch();
  });
  afterEach(() => auth0.restore());
  afterAll(async () => {
    await running?.close();
    await auth0?.close();
  });

  const attacked: AttackedServer = {
    get auth0() {
      return auth0;
    },
    get server() {
      return running;
    },
    get origin() {
      return running.origin;
    },
    get resource() {
      return running.url;
    },
    get issuer() {
      return `${running.origin}/`;
    },
    clock,
    advance(seconds) {
      time.now += seconds;
    },
    client: (metadata) => McpClient.register(addressOf(running), metadata),
    async login(username = "alice", scope) {
      const client = await attacked.client();
      const tokens = await client.logIn(username, scope === undefined ? {} : { scope });
      return { client, accessToken: tokens.access_token, refreshToken: tokens.refresh_token };
    },
    launch,
  };
  return attacked;
}

/** A server as the test client takes it. */
export function addressOf({ origin, url }: Pick<InProcessServer, "origin" | "url">): McpClient["server"] {
  return { address: origin, options: { resource: url } };
}

export { McpClient, TestBrowser };
