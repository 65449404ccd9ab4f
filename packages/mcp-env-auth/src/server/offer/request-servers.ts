import {
  type Implementation,
  type McpRequestContext,
  McpServer,
  type McpServerOptions,
  ResourceTemplate,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import { type AccessToken, currentAccessToken } from "../../access-token.ts";
import type { AccessPolicy } from "../../authorization/access-policy.ts";
import {
  type AccessRule,
  goesByAccount,
  isForAnyToken,
  PUBLIC_RULE,
  scopesOf,
} from "../../authorization/access-rule.ts";
import { calledTool, type Operation } from "../../authorization/operations.ts";
import { isConcealed, isListed } from "../../authorization/standing.ts";
import { ConfigError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { resourceScopes } from "../../scope.ts";
import { askThrough } from "../../sdk/ask-client.ts";
import { explainRefusals } from "../../sdk/explain-refusals.ts";
import { keepLogLevel, logOfHandlers, maySetLevel } from "../../sdk/handler-log.ts";
import { listSecuritySchemes } from "../../sdk/list-security-schemes.ts";
import { protectRequestServer } from "../../sdk/protect-request-server.ts";
import { RequestServer } from "../../sdk/request-server.ts";
import { resultShapes } from "../../sdk/result-shapes.ts";
import { schemaOfMembers } from "../../sdk/schema-of-members.ts";
import { maySubscribe, subscribeResources } from "../../sdk/subscribe-resources.ts";
import { promiseChanges } from "../../sdk/told-changes.ts";
import { watchAnswersOf } from "../../sdk/watch-answers.ts";
import { clientOf, type DirectClient, parsedBodyOf } from "../../sdk/web-request.ts";
import type { LogLevels } from "../../sessions/log-levels.ts";
import type { ResourceCapabilities } from "../server-options.ts";
import { checkSchemas } from "./check-schemas.ts";
import { createGuard, createPublicGuard, type Guard } from "./guard.ts";
import type { Offer, Ruled } from "./offer.ts";
import type { Replay } from "./registration.ts";
import { createSecuritySchemes } from "./security-schemes.ts";

export interface RequestServersOptions {
  readonly info: Implementation;
  readonly options: McpServerOptions;
  /** What the server says of its resources where changes can be told. */
  readonly resources?: ResourceCapabilities | undefined;
  /** Whether all clients up to 2025-11-25 are told of changes: over HTTP, it takes a session. */
  readonly notifiesLegacy?: boolean;
  /** What clients up to 2025-11-25 want to be told of logs; absent where nobody can be told apart. */
  readonly levels?: LogLevels | undefined;
  /** Whether the SDK's server may be changed to be quick; default true. */
  readonly fastPath?: boolean | undefined;
  /** What every token must carry. Absent: there are no tokens. */
  readonly requiredScopes?: readonly string[] | undefined;
  readonly logger: Logger;
}

/**
 * A fresh SDK server for one request, since one must not be shared. It has what lists show to the request's caller, and
 * nothing else; for the call of a tool, that tool alone.
 */
export type BuildRequestServer = (context?: Partial<Pick<McpRequestContext, "requestInfo" | "era">>) => McpServer;

interface Offered {
  readonly operation: Operation;
  readonly rule: AccessRule;
  readonly replay: Replay;
}

const UNBUILDABLE = "The MCP server can't be built from what is registered";

/**
 * Prepares what is offered, and builds it once, so that what is wrong with it shows at the start and not at each
 * request.
 *
 * @throws ConfigError
 */
export function createRequestServers(
  { ruled, rules, policy, publicNames }: Offer,
  given: RequestServersOptions,
): BuildRequestServer {
  const { info, options, resources, notifiesLegacy = false, fastPath = true, requiredScopes, levels, logger } = given;
  const problems = checkSchemas(ruled.map(({ registration }) => registration));
  if (problems.length > 0) {
    throw new ConfigError(problems.map(({ message }) => ({ message: `${UNBUILDABLE}: ${message}` })));
  }
  warnOfNames(ruled, logger);
  const hasStrangers = publicNames.length > 0;
  const differs = hasStrangers || ruled.some(({ rule }) => differsByCaller(rule));
  const hides = ruled.some(({ rule }) => rule.hidden);

  const offered: readonly Offered[] = ruled.map(({ registration, rule }) => {
    const { operation } = registration;
    const guard = guardOf({ registration, rule });
    return {
      operation,
      rule,
      replay: registration.serve({
        guard,
        listsResource,
        ResourceTemplate,
        shapes: resultShapes,
        schemaOfMembers,
        logger,
      }),
    };
  });
  const sdkOptions = { ...options, cacheHints: cacheHintsOf(ruled, hasStrangers) };
  // Other clients get another list.
  const chatgptOptions = {
    ...sdkOptions,
    cacheHints: { ...sdkOptions.cacheHints, "tools/list": { cacheScope: "private" as const } },
  };
  const schemesOf = requiredScopes && createSecuritySchemes(ruled, resourceScopes(requiredScopes));
  const capabilities = capabilitiesOf(ruled, resources);
  const replays = offered.map(({ replay }) => replay);
  const toolReplays = new Map(
    offered
      .filter(({ operation }) => operation.kind === "tool")
      .map(({ operation, replay }) => [operation.name, replay]),
  );
  const seenBy = createView(offered, policy, hasStrangers);

  tryBuild();

  return (context) => {
    const seen = differs ? seenBy(currentAccessToken()) : replays;
    const body = parsedBodyOf(context?.requestInfo);
    const name = calledTool(body);
    const called = name === undefined ? undefined : toolReplays.get(name);
    const chosen = called !== undefined && seen.includes(called) ? [called] : seen;
    return assemble(chosen, context?.era, clientOf(context?.requestInfo), body);
  };

  function guardOf({ registration: { label, authorize }, rule }: Ruled): Guard | undefined {
    if (hasStrangers && rule === PUBLIC_RULE) {
      return createPublicGuard(label);
    }
    return !hasStrangers && isForAnyToken(rule) && authorize === undefined
      ? undefined
      : createGuard({ label, rule, authorize, policy, logger });
  }

  function listsResource(uri: string): boolean {
    if (!differs) {
      return true;
    }
    const rule = rules({ kind: "resource", name: uri });
    const token = currentAccessToken();
    if (rule === undefined || rule === PUBLIC_RULE) {
      return true;
    }
    if (isForAnyToken(rule)) {
      return !hasStrangers || token !== undefined;
    }
    return token !== undefined && isListed(rule, policy.standing(rule, token));
  }

  function tryBuild(): void {
    try {
      assemble(replays);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`${UNBUILDABLE}: ${reason}`, { cause: error });
    }
  }

  function assemble(
    chosen: readonly Replay[],
    era?: McpRequestContext["era"],
    client?: DirectClient,
    body?: unknown,
  ): McpServer {
    const listsSchemes = schemesOf !== undefined && client?.dialect === "chatgpt";
    const serverOptions = listsSchemes ? chatgptOptions : sdkOptions;
    const server = fastPath ? new RequestServer(info, serverOptions, client) : new McpServer(info, serverOptions);
    if (!fastPath) {
      watchAnswersOf(server, client);
      if (era === "legacy" && client !== undefined) {
        askThrough(server, client.asker);
      }
    }
    if (client?.asker !== undefined) {
      explainRefusals(server);
    }
    server.server.onerror = reportError;
    protectRequestServer(server, { logger, isConcealed: hides ? isConcealedResource : undefined });
    logOfHandlers(server, levels, logger);
    if (levels !== undefined && maySetLevel(body)) {
      keepLogLevel(server, levels);
    }
    // Not as an option: the SDK's server would take its handlers at once, before they are masked. For the call of a
    // tool, this is also what it may notify of that is left out here.
    server.server.registerCapabilities(capabilities);
    if (era === "legacy" && !notifiesLegacy) {
      promiseChanges(server, client?.beginSession);
      if (maySubscribe(body)) {
        subscribeResources(server);
      }
    }
    if (listsSchemes) {
      listSecuritySchemes(server, schemesOf);
    }
    for (const replay of chosen) {
      replay(server);
    }
    return server;
  }

  function reportError(error: Error): void {
    // What a handler gave can't be sent, and nobody but the log is told why. All else is about what a client sent.
    const isOurs = /^Failed to (?:encode|send)/.test(error.message);
    logger[isOurs ? "error" : "debug"]({ err: error }, "The MCP server reports an error");
  }

  function isConcealedResource(uri: string): boolean {
    const rule = rules({ kind: "resource", name: uri });
    const token = currentAccessToken();
    if (rule === undefined || !rule.hidden) {
      return false;
    }
    return token === undefined || isConcealed(rule, policy.standing(rule, token));
  }
}

/** What the protocol allows and Claude, Copilot and OpenAI's models refuse: one name fails all tools of a server. */
function warnOfNames(ruled: readonly Ruled[], logger: Logger): void {
  const names = ruled
    .filter(({ registration: { operation } }) => operation.kind === "tool" && !/^[\w-]{1,64}$/.test(operation.name))
    .map(({ registration }) => registration.name);
  if (names.length > 0) {
    logger.warn(
      { tools: names },
      `Some clients, such as Claude and Copilot, refuse tools with a dot in the name, or more than 64 characters: ${names.join(", ")}. Use _ or - instead.`,
    );
  }
}

/** Whether lists differ by caller on account of a rule. */
function differsByCaller(rule: AccessRule): boolean {
  return goesByAccount(rule) || (rule.hidden && scopesOf(rule).length > 0);
}

/** What goes onto the server of a caller: what lists show to them. Found once for each token. */
function createView(
  offered: readonly Offered[],
  policy: AccessPolicy,
  hasStrangers: boolean,
): (token: AccessToken | undefined) => readonly Replay[] {
  const replays = (isSeen: (rule: AccessRule) => boolean) => {
    const seen = offered.filter(({ rule }) => isSeen(rule));
    const shown = new Set(seen.map(({ operation }) => EMPTY[operation.kind]));
    const missing = offered.map(({ operation }) => EMPTY[operation.kind]).filter((empty) => !shown.has(empty));
    return [...seen.map(({ replay }) => replay), ...new Set(missing)];
  };
  const forNobody = replays((rule) => (hasStrangers ? rule === PUBLIC_RULE : isForAnyToken(rule)));
  const known = new WeakMap<AccessToken, readonly Replay[]>();
  return (token) => {
    if (token === undefined) {
      return forNobody;
    }
    let seen = known.get(token);
    if (seen === undefined) {
      seen = replays((rule) => isForAnyToken(rule) || isListed(rule, policy.standing(rule, token)));
      known.set(token, seen);
    }
    return seen;
  };
}

const resources: Replay = (server) =>
  server.registerResource("none", "none://none", {}, () => ({ contents: [] })).remove();

/**
 * Makes a server of one that offers none of a kind to this caller answer with an empty list, and not with an unknown
 * method.
 */
const EMPTY: Readonly<Record<Operation["kind"], Replay>> = {
  tool: (server) => server.registerTool("none", {}, () => ({ content: [] })).remove(),
  prompt: (server) => server.registerPrompt("none", {}, () => ({ messages: [] })).remove(),
  resource: resources,
  "resource template": resources,
};

/**
 * What is said of each kind that there is. The SDK would promise to tell of changed lists, of which only the one of
 * resources can change: registrations stand still.
 */
function capabilitiesOf(ruled: readonly Ruled[], { subscribe, listChanged }: ResourceCapabilities = {}) {
  const kinds = new Set(ruled.map(({ registration }) => registration.operation.kind));
  const lists = ruled.some(({ registration }) => registration.template?.listCallback !== undefined);
  const capabilities: ServerCapabilities = { logging: {} };
  if (kinds.has("tool")) {
    capabilities.tools = { listChanged: false };
  }
  if (kinds.has("prompt")) {
    capabilities.prompts = { listChanged: false };
  }
  if (kinds.has("resource") || kinds.has("resource template")) {
    capabilities.resources = { listChanged: listChanged === true && lists, subscribe: subscribe === true };
  }
  return capabilities;
}

/** Whether shared caches may keep a list (MCP 2026-07-28, `cacheScope`): only one that is the same for all callers. */
function cacheHintsOf(ruled: readonly Ruled[], hasStrangers: boolean) {
  const cacheScope = (kinds: readonly Operation["kind"][], differsOtherwise = false) => {
    const differs = ruled.some(
      ({ registration, rule }) => kinds.includes(registration.operation.kind) && differsByCaller(rule),
    );
    return { cacheScope: hasStrangers || differs || differsOtherwise ? ("private" as const) : ("public" as const) };
  };
  // What a template lists is found by its own code, which may ask who the caller is.
  const listsByCode = ruled.some(({ registration }) => registration.template?.listCallback !== undefined);
  return {
    "tools/list": cacheScope(["tool"]),
    "prompts/list": cacheScope(["prompt"]),
    "resources/list": cacheScope(["resource", "resource template"], listsByCode),
    "resources/templates/list": cacheScope(["resource template"]),
  };
}
