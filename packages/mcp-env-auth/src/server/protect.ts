import type { McpServerFactory } from "@modelcontextprotocol/server";
import type { Express } from "express";
import { createAccessPolicy } from "../authorization/access-policy.ts";
import { policyProblem, rulesOf } from "../authorization/policy-file.ts";
import { ConfigError } from "../errors.ts";
import { siteDetails } from "../pages/site.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import type { Assembly } from "./assembly.ts";
import { createProtectedNotifier, type ProtectedNotifier } from "./changes/change-notifier.ts";
import { Changes } from "./changes/changes.ts";
import { createSubscriptionBus } from "./changes/subscription-bus.ts";
import { type Configured, type ConfigureOptions, configure } from "./configure.ts";
import { mount, put } from "./http-app.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { type DeclaredScopes, readDeclaredScopes } from "./offer/declared-scopes.ts";
import type { Progress } from "./reception.ts";
import { sdkCalls } from "./sdk-calls.ts";
import { settleLoginScopes } from "./settle-login-scopes.ts";

export interface ProtectOptions extends ConfigureOptions {
  /** The name of the server, on the consent page and in traces. Default `MCP server`. */
  readonly name?: string | undefined;
  /**
   * Scopes of the server's own `scopeChallenge`s, with descriptions or without, as in `createServer()`: what a client
   * may ask for beyond REQUIRED_SCOPES.
   */
  readonly scopes?: DeclaredScopes | undefined;
  /** As in `createServer`. */
  readonly auth?: AuthProvider | null | undefined;
}

const NOT_WITH_PROTECT =
  "can't be enforced by protect(), behind which tools are registered with the MCP SDK itself: nothing here knows their names or filters their lists. Of the file, only quotas are. Register the tools with createServer(), or remove the other sections and use the SDK's scopeChallenge.";

/** A protected SDK server on an app. */
export interface Protection {
  /** The public URL of the MCP endpoint, where BASE_URL gives it. */
  readonly mcpUrl: string | undefined;
  /** Tells subscribed clients of this process what has changed. */
  readonly notify: ProtectedNotifier;
  close(): Promise<void>;
}

/**
 * Puts the provider of the environment in front of an SDK server that exists already: mounts the MCP endpoint, the
 * metadata documents and the authorization server's endpoints on `app`. Call it before `app` gets body parsers, which
 * would read bodies before the token is checked.
 *
 * @param buildMcpServer builds the SDK's server; called for each request, since one server must not be shared.
 * @throws ConfigError
 */
export async function protect(
  app: Express,
  buildMcpServer: McpServerFactory,
  options: ProtectOptions = {},
): Promise<Protection> {
  const configured = await configure(options);
  const { settings, logger } = configured;
  const changes = new Changes();
  const lifecycle: Lifecycle = createLifecycle({
    ...configured,
    assemble: () => assembleAround(buildMcpServer, changes, options, configured, lifecycle),
  });
  const mcpUrl = await mount(
    lifecycle,
    async (assembly) => {
      put(await assembly.createRouter(), app, settings);
      return assembly.mcpUrl;
    },
    logger,
  );
  return { mcpUrl, notify: createProtectedNotifier(changes), close: lifecycle.close };
}

async function assembleAround(
  buildMcpServer: McpServerFactory,
  changes: Changes,
  options: ProtectOptions,
  configured: Configured,
  progress: Progress,
): Promise<Assembly> {
  const { provider, policy, clock, logger } = configured;
  if (rulesOf(policy).length > 0 || policy?.default !== undefined) {
    throw new ConfigError([policyProblem(NOT_WITH_PROTECT)]);
  }
  const { assemble } = await import("./assembly.ts");
  const scopes = readDeclaredScopes(options.scopes);
  const askedScopes = scopes.names ?? [];
  const resource = provider?.describe?.(configured.settings.mcpPath);
  const { settings } = settleLoginScopes(configured, resource, askedScopes);
  return assemble({
    serverName: options.name ?? "MCP server",
    site: siteDetails(settings, { scopes }),
    calls: sdkCalls({
      createFactory: async () => {
        const { dropLateNotifications } = await import("../sdk/late-notifications.ts");
        const { answerAlways } = await import("../sdk/answer-always.ts");
        const { briefErrorsOf } = await import("../sdk/brief-errors.ts");
        const { clientOf, parsedBodyOf } = await import("../sdk/web-request.ts");
        const { watchAnswersOf } = await import("../sdk/watch-answers.ts");
        const { promiseChanges, toldChanges } = await import("../sdk/told-changes.ts");
        const { askThrough } = await import("../sdk/ask-client.ts");
        const { publishChanges } = await import("../sdk/publish-changes.ts");
        const { maySubscribe, subscribeResources } = await import("../sdk/subscribe-resources.ts");
        return async (context) => {
          const server = await buildMcpServer(context);
          const body = parsedBodyOf(context.requestInfo);
          const client = clientOf(context.requestInfo);
          if (context.era === "legacy") {
            // The SDK declares changes of lists for every server, and a stream for each client would be dear.
            const tells = toldChanges(server).has("resource_updated");
            promiseChanges(server, tells ? client?.beginSession : undefined);
            if (maySubscribe(body)) {
              subscribeResources(server);
            }
          }
          dropLateNotifications(server);
          publishChanges(server, (event) => changes.publish(event, "everyone"));
          answerAlways(server, logger);
          briefErrorsOf(server, body);
          watchAnswersOf(server, client);
          if (context.era === "legacy") {
            askThrough(server, client?.asker);
          }
          return server;
        };
      },
      challenges: true,
      // Whom it is meant for is all that is known here.
      bus: createSubscriptionBus({ changes, mayLearn: () => true, open: provider === undefined, logger }),
    }),
    policy: createAccessPolicy(() => undefined),
    registrationScopes: askedScopes,
    askedScopes,
    provider,
    settings,
    clock,
    logger,
    progress,
  });
}
