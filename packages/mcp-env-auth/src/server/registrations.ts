import { type Implementation, McpServer, type McpServerOptions, ResourceTemplate } from "@modelcontextprotocol/server";
import { currentAccessToken } from "../access-token.ts";
import { type AccessPolicy, type AccessRule, createAccessPolicy } from "../authorization/access-policy.ts";
import type { Operation } from "../authorization/operations.ts";
import type { ScopeHierarchy } from "../authorization/scope-hierarchy.ts";
import { ConfigError, ToolError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import {
  type AccessRequirements,
  accessRule,
  checkFields,
  isProtected,
  scopesOf,
  withoutRequirements,
} from "./access-requirements.ts";
import { maskError, maskHandlerErrors } from "./error-masking.ts";
import { toPromptResult, toResourceResult, toToolResult } from "./handler-result.ts";
import type {
  PromptConfig,
  PromptHandler,
  ResourceConfig,
  ResourceHandler,
  ResourceTemplateHandler,
  Schema,
  ToolConfig,
  ToolHandler,
} from "./registration-types.ts";

type Replay = (server: McpServer, logger: Logger) => void;
type Handler = (...args: unknown[]) => unknown;

/** What a server offers: kept once, replayed onto a fresh SDK server for each request, since one must not be shared. */
export class Registrations {
  readonly #hierarchy: ScopeHierarchy;
  #closed = false;
  readonly #replays: Replay[] = [];
  readonly #tools = new Map<string, AccessRule>();
  readonly #prompts = new Map<string, AccessRule>();
  readonly #resources = new Map<string, AccessRule>();
  readonly #templates = new Map<string, { readonly template: ResourceTemplate; readonly rule: AccessRule }>();

  /** Who may use what, judged before the SDK sees a request. */
  readonly policy: AccessPolicy;

  constructor(hierarchy: ScopeHierarchy = {}) {
    this.#hierarchy = hierarchy;
    this.policy = createAccessPolicy((operation) => this.rule(operation), hierarchy);
  }

  addTool<Input extends Schema | undefined, Output extends Schema | undefined>(
    name: string,
    config: ToolConfig<Input, Output>,
    handler: ToolHandler<Input, Output>,
  ): void {
    const rule = this.#admit(`The tool ${name}`, config, handler);
    const sdkConfig = withoutRequirements(config);
    keep(this.#tools, "tool", name, rule);
    const hasOutput = config.outputSchema !== undefined;
    const call = this.#guarded(handler as Handler, rule);
    this.#replays.push((server, logger) => {
      // The SDK makes a result of what a tool throws, so that has to be masked before it gets there.
      const run = async (...args: unknown[]) => {
        try {
          return toToolResult(await call(...args), hasOutput);
        } catch (error) {
          const text = maskError(error, `The tool ${name}`, logger);
          return { isError: true, content: [{ type: "text" as const, text }] };
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
    const rule = this.#admit(`The resource ${name}`, config, handler, true);
    const sdkConfig = withoutRequirements(config);
    const read = this.#guarded(handler as Handler, rule);
    const run = async (uri: URL, ...rest: unknown[]) =>
      toResourceResult(await read(uri, ...rest), uri, config.mimeType);
    if (typeof uriOrTemplate === "string") {
      keep(this.#resources, "resource", new URL(uriOrTemplate).href, rule);
      this.#replays.push((server) => server.registerResource(name, uriOrTemplate, sdkConfig, run));
    } else {
      const template = this.#guardedTemplate(uriOrTemplate, rule);
      keep(this.#templates, "resource template", template.uriTemplate.toString(), { template, rule });
      this.#replays.push((server) => server.registerResource(name, template, sdkConfig, run));
    }
  }

  addPrompt<Input extends Schema | undefined>(
    name: string,
    config: PromptConfig<Input>,
    handler: PromptHandler<Input>,
  ): void {
    const rule = this.#admit(`The prompt ${name}`, config, handler);
    const sdkConfig = withoutRequirements(config);
    keep(this.#prompts, "prompt", name, rule);
    const answer = this.#guarded(handler as Handler, rule);
    const run = async (...args: unknown[]) => toPromptResult(await answer(...args));
    this.#replays.push((server) => server.registerPrompt(name, sdkConfig as object, run as never));
  }

  #admit(what: string, config: AccessRequirements & object, handler: unknown, openFields = false): AccessRule {
    if (this.#closed)
      throw new ConfigError(
        `${what} is registered after the server started. Register everything before run() or app().`,
      );
    if (typeof handler !== "function")
      throw new ConfigError(`${what} is registered without a handler: the last argument must be a function.`);
    checkFields(what, config, openFields);
    return accessRule(what, config);
  }

  /**
   * Takes no more registrations, and builds once, so that what is wrong with one shows at the start and not at each request.
   *
   * @throws ConfigError
   */
  close(info: Implementation, options: McpServerOptions, logger: Logger): void {
    this.#closed = true;
    try {
      this.build(info, options, logger);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`The MCP server can't be built from what is registered: ${reason}`, { cause: error });
    }
  }

  /** A fresh SDK server with everything registered. */
  build(info: Implementation, options: McpServerOptions, logger: Logger): McpServer {
    const server = new McpServer(info, options);
    maskHandlerErrors(server, logger);
    for (const replay of this.#replays) replay(server, logger);
    return server;
  }

  /** Who may use what is named. Resources are found as the SDK finds them: the exact URI first, then the first template that matches. */
  rule({ kind, name }: Operation): AccessRule | undefined {
    if (kind === "tool") return this.#tools.get(name);
    if (kind === "prompt") return this.#prompts.get(name);
    if (kind === "resource template") return this.#templates.get(name)?.rule;
    if (!URL.canParse(name)) return undefined;
    const { href } = new URL(name);
    const exact = this.#resources.get(href);
    if (exact !== undefined) return exact;
    for (const { template, rule } of this.#templates.values()) {
      if (template.uriTemplate.match(href) !== null) return rule;
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

  // The policy has judged the request already, by its own reading of what will run. What does run asks
  // again under its own rule, so that no difference between the two readings lets anybody through.
  #guarded(handler: Handler, rule: AccessRule): Handler {
    if (!isProtected(rule)) return handler;
    return (...args) => {
      const missing = this.#missing(rule);
      if (missing.length > 0) throw new ToolError(`This needs the scope ${missing.join(" ")}.`);
      return handler(...args);
    };
  }

  // Listing and completing come by other requests than reading: without the scopes they find nothing.
  #guardedTemplate(template: ResourceTemplate, rule: AccessRule): ResourceTemplate {
    const { uriTemplate, listCallback } = template;
    if (!isProtected(rule)) return template;
    const mayUse = () => this.#missing(rule).length === 0;
    const completers = uriTemplate.variableNames.flatMap((variable) => {
      const complete = template.completeCallback(variable);
      return complete === undefined ? [] : [{ variable, complete }];
    });
    return new ResourceTemplate(uriTemplate, {
      list: listCallback && ((ctx) => (mayUse() ? listCallback(ctx) : { resources: [] })),
      complete: Object.fromEntries(
        completers.map(({ variable, complete }) => [
          variable,
          (value, context) => (mayUse() ? complete(value, context) : []),
        ]),
      ),
    });
  }

  #missing(rule: AccessRule): readonly string[] {
    return this.policy.missing(rule, currentAccessToken()?.scopes ?? []);
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
