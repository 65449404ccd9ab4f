import type { McpServer, ResourceTemplate, ServerContext } from "@modelcontextprotocol/server";
import type { AccessRule } from "../../authorization/access-rule.ts";
import type { Operation } from "../../authorization/operations.ts";
import { ConfigError } from "../../errors.ts";
import { parseUrl } from "../../lib/parse-url.ts";
import type { Logger } from "../../logger.ts";
import { convertedOnce } from "../../sdk/converted-once.ts";
import { maskError } from "../../sdk/error-masking.ts";
import { type AccessRequirements, type Authorize, withoutRequirements } from "./access-requirements.ts";
import type { Guard, Handler } from "./guard.ts";
import { toPromptResult, toResourceResult, toToolResult } from "./handler-result.ts";

/** Puts one registration onto an SDK server. */
export type Replay = (server: McpServer) => void;

/** What a registration is served with. */
export interface Serving {
  /** `undefined`: everyone with a good token may use it. */
  readonly guard: Guard | undefined;
  /** Whether lists show a resource to the caller of the current request. */
  readonly listsResource: (uri: string) => boolean;
  /** The SDK's own: it is not loaded yet when something is registered. */
  readonly ResourceTemplate: typeof ResourceTemplate;
  readonly logger: Logger;
}

/** One tool, prompt, resource or resource template, as it was registered. */
export interface Registration {
  /** What it is asked for by. */
  readonly operation: Operation;
  /** The name that it was registered under. */
  readonly name: string;
  /** As people know it: the beginning of a sentence. */
  readonly label: string;
  readonly rule: AccessRule;
  readonly authorize: Authorize<never> | undefined;
  readonly template?: ResourceTemplate;
  /** Whether it has a scope challenge of the SDK's. */
  readonly challenges: boolean;
  /** Prepares it once for all requests. */
  serve(serving: Serving): Replay;
}

/** What every registration has. */
export type Registered = Pick<Registration, "label" | "rule" | "authorize" | "challenges">;

interface SdkConfig extends AccessRequirements {
  readonly authorize?: unknown;
}

export interface ToolRegistration extends Registered {
  readonly name: string;
  readonly config: SdkConfig & { readonly inputSchema?: unknown; readonly outputSchema?: unknown };
  readonly handler: Handler;
}

export function toolRegistration({ name, config, handler, ...registered }: ToolRegistration): Registration {
  const sdkConfig = {
    ...withoutRequirements(config),
    inputSchema: convertedOnce(config.inputSchema),
    outputSchema: convertedOnce(config.outputSchema),
  };
  const hasOutput = config.outputSchema !== undefined;
  const argumentsOf = firstArgument(config.inputSchema !== undefined);
  return {
    ...registered,
    name,
    operation: { kind: "tool", name },
    serve({ guard, logger }) {
      const call = guard?.protect(handler, argumentsOf) ?? handler;
      // The SDK makes a result of what a tool throws, so that has to be masked before it gets there.
      const run = async (...args: unknown[]) => {
        try {
          return toToolResult(await call(...args), hasOutput);
        } catch (error) {
          const { mcpReq } = args.at(-1) as ServerContext;
          const text = maskError(error, registered.label, logger, mcpReq.signal);
          return { isError: true, content: [{ type: "text" as const, text }] };
        }
      };
      return (server) => void server.registerTool(name, sdkConfig as object, run as never);
    },
  };
}

export interface PromptRegistration extends Registered {
  readonly name: string;
  readonly config: SdkConfig & { readonly argsSchema?: unknown };
  readonly handler: Handler;
}

export function promptRegistration({ name, config, handler, ...registered }: PromptRegistration): Registration {
  const sdkConfig = withoutRequirements(config);
  const argumentsOf = firstArgument(config.argsSchema !== undefined);
  return {
    ...registered,
    name,
    operation: { kind: "prompt", name },
    serve({ guard }) {
      const answer = guard?.protect(handler, argumentsOf) ?? handler;
      const run = async (...args: unknown[]) => toPromptResult(await answer(...args));
      return (server) => void server.registerPrompt(name, sdkConfig as object, run as never);
    },
  };
}

export interface ResourceRegistration extends Registered {
  readonly name: string;
  readonly uriOrTemplate: string | ResourceTemplate;
  readonly config: SdkConfig & { readonly mimeType?: string | undefined };
  readonly handler: Handler;
}

export function resourceRegistration(registration: ResourceRegistration): Registration {
  const { name, uriOrTemplate, config, handler, ...registered } = registration;
  const sdkConfig = withoutRequirements(config);
  const runBehind = (guard: Guard | undefined, argumentsOf: (args: unknown[]) => unknown) => {
    const read = guard?.protect(handler, argumentsOf) ?? handler;
    return async (uri: URL, ...rest: unknown[]) => toResourceResult(await read(uri, ...rest), uri, config.mimeType);
  };
  if (typeof uriOrTemplate === "string") {
    // The SDK looks for the URI as the URL standard spells it, whatever it was registered as.
    const uri = spelledUri(registered.label, uriOrTemplate);
    return {
      ...registered,
      name,
      operation: { kind: "resource", name: uri },
      serve({ guard }) {
        const run = runBehind(guard, ([uri]) => ({ uri, variables: {} }));
        return (server) => void server.registerResource(name, uri, sdkConfig, run);
      },
    };
  }
  return {
    ...registered,
    name,
    operation: { kind: "resource template", name: uriOrTemplate.uriTemplate.toString() },
    template: uriOrTemplate,
    serve({ guard, ...serving }) {
      const run = runBehind(guard, ([uri, variables]) => ({ uri, variables }));
      const template = guardedTemplate(uriOrTemplate, guard, serving);
      return (server) => void server.registerResource(name, template, sdkConfig, run);
    },
  };
}

function spelledUri(label: string, uri: string): string {
  const url = parseUrl(uri);
  if (url !== undefined) {
    return url.href;
  }
  throw new ConfigError(
    `${label} is registered under ${JSON.stringify(uri)}, which is no URI. Example: weather://cities`,
  );
}

// Listing and completing come by other requests than reading: those who may not read find nothing.
function guardedTemplate(
  template: ResourceTemplate,
  guard: Guard | undefined,
  { listsResource, ResourceTemplate }: Pick<Serving, "listsResource" | "ResourceTemplate">,
): ResourceTemplate {
  const { uriTemplate, listCallback } = template;
  const admits = () => guard?.admits() ?? true;
  const completers = uriTemplate.variableNames.flatMap((variable) => {
    const complete = template.completeCallback(variable);
    return complete === undefined ? [] : [{ variable, complete }];
  });
  return new ResourceTemplate(uriTemplate, {
    list:
      listCallback &&
      (async (ctx) => {
        if (!admits()) {
          return { resources: [] };
        }
        const listed = await listCallback(ctx);
        return { ...listed, resources: listed.resources.filter(({ uri }) => listsResource(uri)) };
      }),
    complete: Object.fromEntries(
      completers.map(({ variable, complete }) => [
        variable,
        (value, context) => (admits() ? complete(value, context) : []),
      ]),
    ),
  });
}

/** Handlers of what has a schema get the parsed arguments first; others get none. */
function firstArgument(hasSchema: boolean): (args: unknown[]) => unknown {
  return hasSchema ? ([parsed]) => parsed : () => ({});
}
