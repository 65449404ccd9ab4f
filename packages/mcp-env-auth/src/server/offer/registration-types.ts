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
export interface ToolConfig<
  Input extends Schema | undefined,
  Output extends Schema | undefined,
  Scope extends string = string,
> extends AccessRequirements<Scope> {
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: Input;
  readonly outputSchema?: Output;
  readonly authorize?: Authorize<ParsedArgs<Input>>;
  readonly annotations?: ToolAnnotations;
  readonly icons?: Icon[];
  readonly _meta?: Record<string, unknown>;
}

/** What JSON has no form for, or would write as something else. */
type NotJson =
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: what a handler without return gives.
  | void
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | PromiseLike<unknown>
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<object, unknown>
  | Error
  | RegExp
  | ArrayBuffer;

/** `T` as far as JSON can hold it; `never` stands where it can't. Members may be left out. */
type Json<T> = unknown extends T
  ? T
  : T extends { toJSON(...args: never[]): unknown }
    ? T
    : T extends NotJson
      ? never
      : T extends object
        ? { [Key in keyof T]: undefined extends T[Key] ? Json<Exclude<T[Key], undefined>> | undefined : Json<T[Key]> }
        : T;

/** A full result of the protocol, or a request for input. */
type ProtocolAnswer = CallToolResult | InputRequiredResult;

/** Of what a handler returns, what JSON can't hold; the protocol's own results it can. */
type Unfit<Value> = Value extends ProtocolAnswer ? never : Value extends Json<Value> ? never : Value;

/** Says in an error of the compiler what is wrong with a result; nothing for one that JSON can hold. */
export type FitsJson<Value> = [Unfit<Value>] extends [never]
  ? unknown
  : { readonly "The handler returns nothing, or what JSON can't hold: a Map, a Promise, a function, a BigInt": never };

/**
 * What a tool's handler returns: a string, a plain JSON value (typed by the output schema, where there is one), or a
 * full protocol result. Nothing, a Map, a Promise inside and other values that JSON does not have are errors.
 *
 * @typeParam Value what it returns, where there is no output schema.
 */
export type ToolAnswer<Output extends Schema | undefined, Value = unknown> = Output extends Schema
  ? StandardSchemaWithJSON.InferInput<Output> | ProtocolAnswer
  : Value;

export type ToolHandler<Input extends Schema | undefined, Output extends Schema | undefined, Value = unknown> = (
  ...args: Args<Input>
) => Awaitable<ToolAnswer<Output, Value>>;

/** The SDK's resource configuration and who may read the resource. */
export type ResourceConfig<Scope extends string = string> = ResourceMetadata &
  AccessRequirements<Scope> & { readonly authorize?: Authorize<ResourceRequest> };

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
export interface PromptConfig<Input extends Schema | undefined, Scope extends string = string>
  extends AccessRequirements<Scope> {
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
