import type {
  CallToolResult,
  GetPromptResult,
  Icon,
  InputRequiredResult,
  ReadResourceResult,
  ResourceMetadata,
  ServerContext,
  StandardSchemaWithJSON,
  ToolAnnotations,
  Variables,
} from "@modelcontextprotocol/server";
import type { AccessRequirements, Authorize } from "./access-requirements.ts";

export type Schema = StandardSchemaWithJSON;
type Args<S extends Schema | undefined> = S extends Schema
  ? [StandardSchemaWithJSON.InferOutput<S>, ServerContext]
  : [ServerContext];
type Awaitable<T> = T | Promise<T>;
/** What `authorize` gets of a tool or prompt: its arguments, parsed and validated; without a schema, none. */
type ParsedArgs<S extends Schema | undefined> = S extends Schema
  ? StandardSchemaWithJSON.InferOutput<S>
  : Record<string, never>;

/** The SDK's tool configuration and who may call the tool. */
export interface ToolConfig<Input extends Schema | undefined, Output extends Schema | undefined>
  extends AccessRequirements {
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: Input;
  readonly outputSchema?: Output;
  readonly authorize?: Authorize<ParsedArgs<Input>>;
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
export type ResourceConfig = ResourceMetadata &
  AccessRequirements & { readonly authorize?: Authorize<ResourceRequest> };

/** What `authorize` gets of a resource. */
export interface ResourceRequest {
  readonly uri: URL;
  /** Of the template; none for a resource of one URI. */
  readonly variables: Variables;
}

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
  readonly authorize?: Authorize<ParsedArgs<Input>>;
  readonly icons?: Icon[];
  readonly _meta?: Record<string, unknown>;
}
export type PromptHandler<Input extends Schema | undefined> = (
  ...args: Args<Input>
) => Awaitable<string | GetPromptResult>;
