import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { onTestFinished } from "vitest";
import type { AccessToken } from "../../access-token.ts";
import { environmentOf } from "../../env/testing/environment-of.ts";
import { createEndpointRouter } from "../../http/endpoint-router.ts";
import { createRateLimits } from "../../http/rate-limit.ts";
import { McpClient } from "../../proxy/testing/mcp-client.ts";
import type { ProxyServer } from "../../proxy/testing/proxy-server.ts";
import { type RecordingLogger, recordingLogger } from "../../upstream/testing/recording-logger.ts";
import type { Authentication, AuthProviderContext } from "../auth-provider.ts";
import type { DeclaredProvider } from "../declaration.ts";
import { createTestContext } from "./context.ts";

/** A server whose MCP endpoint a provider protects, until the test has finished. */
export interface ProtectedServer {
  readonly address: string;
  readonly authentication: Authentication;
  readonly logger: RecordingLogger;
  /** A client that has registered, with `metadata` over the usual. */
  register(metadata?: Record<string, unknown>): Promise<McpClient>;
  /** A whole login of an MCP client; `scope` is what it asks for. */
  logIn(
    scope?: string,
  ): Promise<{ readonly client: McpClient; readonly tokens: Awaited<ReturnType<McpClient["logIn"]>> }>;
  /** What a tool would see behind a bearer token. */
  verify(token: string): Promise<AccessToken>;
}

/** Starts a server by variables without their prefix; BASE_URL is its own address. */
export async function protectServer(
  provider: DeclaredProvider,
  variables: Readonly<Record<string, string>>,
  overrides: Partial<AuthProviderContext> = {},
): Promise<ProtectedServer> {
  const app = express();
  const server = createServer(app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { prefix } = provider.declaration;
  const named = Object.entries({ BASE_URL: address, ...variables }).map(([name, value]) => [
    name.startsWith("FASTMCP_") ? name : prefix + name,
    value,
  ]);
  const reading = provider.fromEnvironment(environmentOf(Object.fromEntries(named)));
  if (reading.provider === undefined) {
    throw new Error(JSON.stringify(reading.problems));
  }
  const logger = recordingLogger();
  const context = createTestContext({ logger, ...overrides });
  const authentication = await reading.provider.authenticate(context);
  app.use(createEndpointRouter(authentication.endpoints, createRateLimits(0, context.clock), logger));
  onTestFinished(async () => {
    await authentication.close();
    server.close();
    server.closeAllConnections();
  });
  await authentication.start();
  // What a client needs to know of a server: where it is, and what it protects.
  const known = { address, options: { resource: authentication.resource } } as unknown as ProxyServer;
  return {
    address,
    authentication,
    logger,
    register: (metadata) => McpClient.register(known, metadata),
    async logIn(scope) {
      const client = await McpClient.register(known);
      return { client, tokens: await client.logIn("anyone", { scope }) };
    },
    verify: (token) => authentication.verifier.verify(token),
  };
}
