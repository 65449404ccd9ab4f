import {
  type CallToolResult,
  type GetPromptResult,
  type Icon,
  type Implementation,
  type InputRequiredResult,
  McpServer,
  type McpServerOptions,
  type ReadResourceResult,
  type ResourceMetadata,
  type ResourceTemplate,
  type ServerContext,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
  type Variables,
} from "@modelcontextprotocol/server";
import { type AccessPolicy, type AccessRule, createAccessPolicy } from "../authorization/access-policy.ts";
import type { Operation } from "../authorization/operations.ts";
import type { ScopeHierarchy } from "../authorization/scope-hierarchy.ts";
import { ConfigError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import {
  type AccessRequirements,
  accessRule,
  isProtected,
  scopesOf,
  splitRequirements,
} from "./access-requirements.ts";
import { maskError, toPromptResult, toResourceResult, toToolResult } from "./handler-result.ts";

type Schema = StandardSchemaWithJSON;
type Args<S extends Schema | undefined> = S extends Schema
  ? [StandardSchemaWithJSON.InferOutput<S>, ServerContext]
  : [ServerContext];
type Awaitable<T> = T | Promise<T>;

/** The SDK's tool configuration and who may call the tool. */
export interface ToolConfig<Input extends Schema | undefined, Output extends Schema | undefined>
  extends AccessRequirements {
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: Input;
  readonly outputSchema?: Output;
  readonly annotations?: ToolAnnotations;
  readonly icons?: Icon[];
  readonly _meta?: Record<string, unknown>;
}

/** A string, a plain JSON value (typed by the output schema, where there is one), or a full protocol result. */
export type ToolAnswer<Output extends Schema | undefined> =
  | (Output extends Schema ? StandardSchemaWithJSON.InferInput<Output> : unknown)
  | CallToolResult
  | InputRequiredResult;

export type ToolHandler<Input extends Schema | undefined, Output extends Schema | undefined> = (
  ...args: Args<Input>
) => Awaitable<ToolAnswer<Output>>;

/** The SDK's resource configuration and who may read the resource. */
export type ResourceConfig = ResourceMetadata & AccessRequirements;
export type ResourceHandler = (uri: URL, ctx: ServerContext) => Awaitable<ReadResourceResult | unknown>;
export type ResourceTemplateHandler = (
  uri: URL,
  variables: Variables,
  ctx: ServerContext,
) => Awaitable<ReadResourceResult | unknown>;

/** The SDK's prompt configuration and who may use the prompt. */
export interface PromptConfig<Input extends Schema | undefined> extends AccessRequirements {
  readonly title?: string;
  readonly description?: string;
  readonly argsSchema?: Input;
  readonly icons?: Icon[];
  readonly _meta?: Record<string, unknown>;
}
export type PromptHandler<Input extends Schema | undefined> = (
  ...args: Args<Input>
) => Awaitable<string | GetPromptResult>;

type Replay = (server: McpServer, logger: Logger) => void;

/** What a server offers: kept once, replayed onto a fresh SDK server for each request, since one must not be shared. */
export class Registrations {
  readonly #replays: Replay[] = [];
  readonly #tools = new Map<string, AccessRule>();
  readonly #prompts = new Map<string, AccessRule>();
  readonly #resources = new Map<string, AccessRule>();
  readonly #templates = new Map<string, { readonly template: ResourceTemplate; readonly rule: AccessRule }>();

  /** Who may use what. */
  readonly policy: AccessPolicy;

  readonly #hierarchy: ScopeHierarchy;

  constructor(hierarchy: ScopeHierarchy = {}) {
    this.#hierarchy = hierarchy;
    this.policy = createAccessPolicy((operation) => this.rule(operation), hierarchy);
  }

  addTool<Input extends Schema | undefined, Output extends Schema | undefined>(
    name: string,
    config: ToolConfig<Input, Output>,
    handler: ToolHandler<Input, Output>,
  ): void {
    const [requirements, sdkConfig] = splitRequirements(config);
    keep(this.#tools, "tool", name, accessRule(`The tool ${name}`, requirements));
    const hasOutput = config.outputSchema !== undefined;
    const call = handler as (...args: unknown[]) => unknown;
    this.#replays.push((server, logger) => {
      const run = async (...args: unknown[]) => {
        try {
          return toToolResult(await call(...args), hasOutput);
        } catch (error) {
          return {
            isError: true,
            content: [{ type: "text" as const, text: maskError(error, `The tool ${name}`, logger) }],
          };
        }
      };
      server.registerTool(name, sdkConfig as object, run as never);
    });
  }

  addResource(
    name: string,
    uriOrTemplate: string | ResourceTemplate,
    config: ResourceConfig,
    handler: ResourceHandler | ResourceTemplateHandler,
  ): void {
    const [requirements, sdkConfig] = splitRequirements(config);
    const rule = accessRule(`The resource ${name}`, requirements);
    if (typeof uriOrTemplate === "string") keep(this.#resources, "resource", new URL(uriOrTemplate).href, rule);
    else
      keep(this.#templates, "resource template", uriOrTemplate.uriTemplate.toString(), {
        template: uriOrTemplate,
        rule,
      });
    const read = handler as (...args: unknown[]) => unknown;
    this.#replays.push((server, logger) => {
      const run = async (uri: URL, ...rest: unknown[]) => {
        try {
          return toResourceResult(await read(uri, ...rest), uri, config.mimeType);
        } catch (error) {
          throw new Error(maskError(error, `The resource ${name}`, logger));
        }
      };
      server.registerResource(name, uriOrTemplate as string, sdkConfig, run);
    });
  }

  addPrompt<Input extends Schema | undefined>(
    name: string,
    config: PromptConfig<Input>,
    handler: PromptHandler<Input>,
  ): void {
    const [requirements, sdkConfig] = splitRequirements(config);
    keep(this.#prompts, "prompt", name, accessRule(`The prompt ${name}`, requirements));
    const answer = handler as (...args: unknown[]) => unknown;
    this.#replays.push((server, logger) => {
      const run = async (...args: unknown[]) => {
        try {
          return toPromptResult(await answer(...args));
        } catch (error) {
          throw new Error(maskError(error, `The prompt ${name}`, logger));
        }
      };
      server.registerPrompt(name, sdkConfig as object, run as never);
    });
  }

  /** A fresh SDK server with everything registered. */
  build(info: Implementation, options: McpServerOptions, logger: Logger): McpServer {
    const server = new McpServer(info, options);
    for (const replay of this.#replays) replay(server, logger);
    return server;
  }

  /** Who may use what is named. Resources are found as the SDK finds them: the exact URI first, then the first template that matches. */
  rule({ kind, name }: Operation): AccessRule | undefined {
    if (kind === "tool") return this.#tools.get(name);
    if (kind === "prompt") return this.#prompts.get(name);
    const template = this.#templates.get(name);
    if (template !== undefined) return template.rule;
    if (!URL.canParse(name)) return undefined;
    const { href } = new URL(name);
    const exact = this.#resources.get(href);
    if (exact !== undefined) return exact;
    for (const entry of this.#templates.values()) {
      if (entry.template.uriTemplate.match(href) !== null) return entry.rule;
    }
    return undefined;
  }

  /** Every scope that a registration or the hierarchy names. */
  get scopes(): string[] {
    const named = [...this.#all()].flatMap(([, rule]) => scopesOf(rule));
    return [...new Set([...named, ...Object.entries(this.#hierarchy).flat(2)])];
  }

  /** The registrations that only a server with a provider can protect. */
  get protectedNames(): string[] {
    return [...this.#all()].filter(([, rule]) => isProtected(rule)).map(([name]) => name);
  }

  *#all(): Generator<[string, AccessRule]> {
    yield* this.#tools;
    yield* this.#prompts;
    yield* this.#resources;
    for (const [uri, { rule }] of this.#templates) yield [uri, rule];
  }
}

function keep<T>(entries: Map<string, T>, kind: string, name: string, entry: T): void {
  if (entries.has(name)) throw new ConfigError(`The ${kind} ${name} is registered twice.`);
  entries.set(name, entry);
}
