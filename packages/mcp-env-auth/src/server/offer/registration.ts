import type { McpServer, ResourceTemplate, ServerContext } from "@modelcontextprotocol/server";
import type { AccessRule } from "../../authorization/access-rule.ts";
import type { Operation } from "../../authorization/operations.ts";
import { ConfigError, HandlerFailure } from "../../errors.ts";
import { parseUrl } from "../../lib/url.ts";
import type { Logger } from "../../logger.ts";
import { runHandler } from "../../running-handler.ts";
import { convertedOnce } from "../../sdk/converted-once.ts";
import { maskError } from "../../sdk/error-masking.ts";
import { maskedValidation } from "../../sdk/masked-validation.ts";
import type { ResultShapes } from "../../sdk/result-shapes.ts";
import { type AccessRequirements, type Authorize, withoutRequirements } from "./access-requirements.ts";
import type { Guard, Handler } from "./guard.ts";
import { toPromptResult, toResourceList, toResourceResult, toSuggestions, toToolResult } from "./handler-result.ts";
import { validatedOnce } from "./validated-once.ts";

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
  /** The SDK's, as well. */
  readonly shapes: ResultShapes;
  /** Makes a schema of the members of one, as the SDK does. */
  readonly schemaOfMembers: (given: unknown) => unknown;
  readonly logger: Logger;
}

export interface RegisteredSchema {
  /** As the author wrote it; `undefined` for none. */
  readonly given: unknown;
  /** What lists convert to JSON Schema: the same, converted once. */
  readonly listed: unknown;
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
  readonly schemas: Readonly<Partial<Record<"inputSchema" | "outputSchema" | "argsSchema", RegisteredSchema>>>;
  /** What lists say of it as it is. */
  readonly listed: Readonly<Record<string, unknown>>;
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
  const inputLabel = `${registered.label}: its inputSchema`;
  const outputLabel = `${registered.label}: its outputSchema`;
  const inputSchema = prepared(config.inputSchema, inputLabel);
  const outputSchema = prepared(config.outputSchema, outputLabel);
  const hasOutput = config.outputSchema !== undefined;
  const argumentsOf = firstArgument(config.inputSchema !== undefined);
  return {
    ...registered,
    name,
    operation: { kind: "tool", name },
    schemas: {
      inputSchema: { given: config.inputSchema, listed: inputSchema },
      outputSchema: { given: config.outputSchema, listed: outputSchema },
    },
    listed: config as Registration["listed"],
    serve({ guard, shapes, schemaOfMembers, logger }) {
      const served = (schema: unknown, what: string) => {
        const made = schemaOfMembers(schema);
        return maskedValidation(made === schema ? schema : prepared(made, what), what, logger);
      };
      const sdkConfig = {
        ...withoutRequirements(config),
        inputSchema: served(inputSchema, inputLabel),
        outputSchema: served(outputSchema, outputLabel),
      };
      const call = guard?.protect(handler, argumentsOf) ?? handler;
      // The SDK makes a result of what a tool throws, so that has to be masked before it gets there.
      const run = async (...args: unknown[]) => {
        try {
          return toToolResult(await runHandler(registered.label, () => call(...args)), hasOutput, shapes);
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
  const argsLabel = `${registered.label}: its argsSchema`;
  const sdkConfig = withoutRequirements(config);
  const argumentsOf = firstArgument(config.argsSchema !== undefined);
  return {
    ...registered,
    name,
    operation: { kind: "prompt", name },
    schemas: { argsSchema: { given: config.argsSchema, listed: config.argsSchema } },
    listed: sdkConfig as Registration["listed"],
    serve({ guard, shapes, schemaOfMembers }) {
      const argsSchema = validatedOnce(schemaOfMembers(config.argsSchema), argsLabel);
      const answer = guard?.protect(handler, argumentsOf) ?? handler;
      const run = named(registered.label, async (...args) => toPromptResult(await answer(...args), shapes));
      return (server) => void server.registerPrompt(name, { ...sdkConfig, argsSchema } as object, run as never);
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
  const runBehind = ({ guard, shapes }: Serving, argumentsOf: (args: unknown[]) => unknown) => {
    const read = guard?.protect(handler, argumentsOf) ?? handler;
    return named(registered.label, async (uri: URL, ...rest: unknown[]) =>
      toResourceResult(await read(uri, ...rest), uri, config.mimeType, shapes),
    );
  };
  if (typeof uriOrTemplate === "string") {
    // The SDK looks for the URI as the URL standard spells it, whatever it was registered as.
    const uri = spelledUri(registered.label, uriOrTemplate);
    return {
      ...registered,
      name,
      operation: { kind: "resource", name: uri },
      schemas: {},
      listed: sdkConfig as Registration["listed"],
      serve(serving) {
        const run = runBehind(serving, ([uri]) => ({ uri, variables: {} }));
        return (server) => void server.registerResource(name, uri, sdkConfig, run);
      },
    };
  }
  checkTemplate(registered.label, uriOrTemplate);
  return {
    ...registered,
    name,
    operation: { kind: "resource template", name: uriOrTemplate.uriTemplate.toString() },
    template: uriOrTemplate,
    schemas: {},
    listed: sdkConfig as Registration["listed"],
    serve(serving) {
      const run = runBehind(serving, ([uri, variables]) => ({ uri, variables }));
      const template = guardedTemplate(uriOrTemplate, registered.label, serving);
      return (server) => void server.registerResource(name, template, sdkConfig, run);
    },
  };
}

/** Without types, it may be anything. One of another copy of the SDK, or of version 1, does as well. */
function checkTemplate(label: string, template: Partial<ResourceTemplate> | null | undefined): void {
  if (typeof template?.uriTemplate?.match !== "function" || typeof template.completeCallback !== "function") {
    throw new ConfigError(
      `${label} is registered under neither a URI nor a template. Import { ResourceTemplate } from "mcp-env-auth/sdk", and pass a text or new ResourceTemplate("weather://{id}", { list: undefined }).`,
    );
  }
}

function spelledUri(label: string, uri: string): string {
  const [expression] = /\{[^{}]*\}/.exec(uri) ?? [];
  if (expression !== undefined) {
    throw new ConfigError(
      `${label} is registered under ${JSON.stringify(uri)}, where ${expression} is text and stands for nothing. For a template, import { ResourceTemplate } from "mcp-env-auth/sdk", and pass new ResourceTemplate(${JSON.stringify(uri)}, { list: undefined }).`,
    );
  }
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
  label: string,
  { guard, listsResource, ResourceTemplate }: Serving,
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
      named(label, async (ctx) => {
        if (!admits()) {
          return { resources: [] };
        }
        const listed = toResourceList(await listCallback(ctx));
        return { ...listed, resources: listed.resources.filter(({ uri }) => listsResource(uri)) };
      }),
    complete: Object.fromEntries(
      completers.map(({ variable, complete }) => [
        variable,
        named(label, async (value, context) => (admits() ? toSuggestions(await complete(value, context)) : [])),
      ]),
    ),
  });
}

/** `handler`, whose failures say which it was. What masks them is put onto the SDK's server. */
function named<Args extends unknown[], Result>(
  label: string,
  handler: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await runHandler(label, () => handler(...args));
    } catch (thrown) {
      throw new HandlerFailure(label, thrown);
    }
  };
}

function prepared(schema: unknown, what: string): unknown {
  return convertedOnce(validatedOnce(schema, what));
}

/** Handlers of what has a schema get the parsed arguments first; others get none. */
function firstArgument(hasSchema: boolean): (args: unknown[]) => unknown {
  return hasSchema ? ([parsed]) => parsed : () => ({});
}
