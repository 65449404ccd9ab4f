import { type RequestHandler, Router } from "express";
import type { Endpoint } from "../endpoint.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { MetadataLocation } from "../resource-server/protected-resource-metadata.ts";
import { createEndpointRouter } from "./endpoint-router.ts";
import type { Gate } from "./gate.ts";
import { answerHealthz, answerReadyz } from "./health.ts";
import type { McpEndpoint } from "./mcp-endpoint.ts";
import { createRateLimits } from "./rate-limit.ts";

export interface ServerRouterOptions {
  readonly mcpPath: string;
  readonly mcpEndpoint: McpEndpoint;
  /** The path of BASE_URL, `""` for none. Routes answer with and without it. */
  readonly basePath: string;
  readonly metadata: MetadataLocation | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly gate: Gate;
  /** FASTMCP_RATE_LIMIT. */
  readonly rateLimit: number;
  readonly ready: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything one protected MCP server answers to. A path that is none of its own goes on to the next handler. */
export function createServerRouter(options: ServerRouterOptions): Router {
  const endpoints = [...metadataEndpoints(options.metadata), ...options.endpoints];
  const own = Router({ caseSensitive: true, strict: true });
  own.use(healthRouter(options.ready));
  own.use(onlyPaths([options.mcpPath, `${options.mcpPath}/`, ...endpoints.map(({ path }) => path)]));
  own.use((request, response, next) => options.gate(request, response, request.path, next));
  own.all(`${options.mcpPath}/`, withoutSlash(options.mcpPath));
  own.all(options.mcpPath, (request, response) => options.mcpEndpoint(request, response, request.body));
  own.use(createEndpointRouter(endpoints, createRateLimits(options.rateLimit, options.clock), options.logger));

  const router = Router({ caseSensitive: true, strict: true });
  if (options.basePath !== "") router.use(options.basePath, own);
  router.use(own);
  return router;
}

/** Relative to where the client is, so that neither a proxy's prefix nor what the request line says matters. */
function withoutSlash(path: string): RequestHandler {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (request, response) => {
    const [, query] = request.originalUrl.split(/\?(.*)/s);
    response.redirect(308, `../${name}${query === undefined ? "" : `?${query}`}`);
  };
}

function healthRouter(ready: () => boolean): Router {
  const router = Router();
  router.get("/healthz", (_request, response) => answerHealthz(response));
  router.get("/readyz", (_request, response) => answerReadyz(response, ready()));
  return router;
}

function onlyPaths(paths: readonly string[]): RequestHandler {
  const own = new Set(paths);
  return (request, _response, next) => (own.has(request.path) ? next() : next("router"));
}

function metadataEndpoints(metadata: MetadataLocation | undefined): Endpoint[] {
  return (metadata?.paths ?? []).map((path) => ({
    path,
    methods: ["GET"],
    body: "none",
    crossOrigin: true,
    limit: "none",
    handle: async () => ({
      status: 200,
      headers: { "Cache-Control": "public, max-age=3600", "Content-Type": "application/json" },
      body: { text: JSON.stringify(metadata?.document) },
    }),
  }));
}
