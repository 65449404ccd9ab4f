import { type RequestHandler, Router } from "express";
import { type Endpoint, METADATA_MAX_AGE } from "../endpoint.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { MetadataDocument, MetadataLocation } from "../resource-server/protected-resource-metadata.ts";
import { createConnections } from "./connections.ts";
import { answeredMethods, createEndpointRouter } from "./endpoint-router.ts";
import type { Gate } from "./gate.ts";
import { answerHealthz, answerReadyz } from "./health.ts";
import type { McpEndpoint } from "./mcp-endpoint.ts";
import type { OpenBodyRoom } from "./open-body-room.ts";
import { findPath, spellingsOf } from "./paths.ts";
import { createRateLimits } from "./rate-limit.ts";

export interface ServerRouterOptions {
  readonly mcpPath: string;
  readonly mcpEndpoint: McpEndpoint;
  /** The path of BASE_URL, `""` for none. Routes answer with and without it. */
  readonly basePath: string;
  /** The same of RESOURCE_BASE_URL. Default `basePath`. */
  readonly resourceBasePath?: string | undefined;
  readonly metadata: MetadataLocation | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly gate: Gate;
  /** Default: one of its own. */
  readonly openBodyRoom?: OpenBodyRoom;
  /** FASTMCP_RATE_LIMIT. */
  readonly rateLimit: number;
  readonly ready: () => boolean;
  /**
   * Whether the app has other routes. Then `/healthz`, `/readyz` and requests by a method that an endpoint does not
   * have also go on to the next handler.
   */
  readonly isShared?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything one protected MCP server answers to. A path that is none of its own goes on to the next handler. */
export function createServerRouter(options: ServerRouterOptions): Router {
  const { metadata, isShared = false } = options;
  const endpoints = [...metadataEndpoints(metadata), ...metadataEndpoints(metadata?.slashed), ...options.endpoints];
  const mcpPaths = spellingsOf(options.mcpPath);
  const paths = new Set([...mcpPaths, ...endpoints.map(({ path }) => path)]);
  const own = Router({ caseSensitive: true, strict: true });
  if (isShared) {
    own.use(onlyMethods(paths, endpoints));
  } else {
    own.use(healthRouter(options.ready));
  }
  own.use(onlyPaths(paths));
  own.use((request, response, next) => options.gate(request, response, request.path, next));
  own.all([...mcpPaths], (request, response) => options.mcpEndpoint(request, response, request.body));
  own.use(
    createEndpointRouter(
      endpoints,
      createRateLimits(options.rateLimit, options.clock),
      options.logger,
      options.openBodyRoom,
    ),
  );

  const router = Router({ caseSensitive: true, strict: true });
  router.use(tieToConnection());
  for (const base of new Set([options.basePath, options.resourceBasePath ?? ""])) {
    if (base !== "") {
      router.use(base, own);
    }
  }
  router.use(own);
  return router;
}

/** For an app on a server that is not ours: our own has done so before. */
function tieToConnection(): RequestHandler {
  const { join } = createConnections();
  return (request, response, next) => {
    if (join(request, response)) {
      next();
    }
  };
}

function healthRouter(ready: () => boolean): Router {
  const router = Router();
  router.get("/healthz", answerHealthz);
  router.get("/readyz", (request, response) => answerReadyz(request, response, ready()));
  return router;
}

function onlyPaths(paths: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    const path = findPath(paths, request.path);
    if (path === undefined) {
      return next("router");
    }
    // What the client sent stays in `originalUrl`.
    if (path !== request.path) {
      request.url = path + request.url.slice(request.path.length);
    }
    next();
  };
}

/** An app may have its own `GET /register`, say. The MCP endpoint answers every method. */
function onlyMethods(paths: ReadonlySet<string>, endpoints: readonly Endpoint[]): RequestHandler {
  const methods = new Map<string, Set<string>>();
  for (const endpoint of endpoints) {
    const served = endpoint.crossOrigin ? [...answeredMethods(endpoint), "OPTIONS"] : endpoint.methods;
    methods.set(endpoint.path, new Set([...(methods.get(endpoint.path) ?? []), ...served]));
  }
  return (request, _response, next) => {
    const path = findPath(paths, request.path);
    const served = path === undefined ? undefined : methods.get(path);
    next(served === undefined || served.has(request.method) ? undefined : "router");
  };
}

function metadataEndpoints(metadata: MetadataDocument | undefined): Endpoint[] {
  return (metadata?.paths ?? []).map((path) => ({
    path,
    methods: ["GET"],
    body: "none",
    crossOrigin: true,
    limit: "none",
    handle: async () => ({
      status: 200,
      headers: { "Cache-Control": `public, max-age=${METADATA_MAX_AGE}`, "Content-Type": "application/json" },
      body: { text: JSON.stringify(metadata?.document) },
    }),
  }));
}
