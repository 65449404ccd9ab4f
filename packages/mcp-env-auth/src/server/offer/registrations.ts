import type { ResourceTemplate } from "@modelcontextprotocol/server";
import type { AccessRule } from "../../authorization/access-rule.ts";
import { ConfigError } from "../../errors.ts";
import { type AccessRequirements, type Authorize, accessRule, checkFields } from "./access-requirements.ts";
import type { Handler } from "./guard.ts";
import {
  promptRegistration,
  type Registered,
  type Registration,
  resourceRegistration,
  toolRegistration,
} from "./registration.ts";
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

/**
 * What the protocol allows (MCP 2025-11-25, Tools, Tool Names). Clients refuse all tools of a server over one that
 * isn't.
 */
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

function checkToolName(name: string): void {
  if (!TOOL_NAME.test(name)) {
    const allowed = name
      .replace(/[^A-Za-z0-9_.-]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .slice(0, 64);
    const instead = allowed === "" ? "" : ` Call it ${allowed}, and give it its name for people as title.`;
    throw new ConfigError(
      `The tool ${JSON.stringify(name.slice(0, 200))} has a name that clients refuse: it may have 1 to 128 of A-Z, a-z, 0-9, _, - and the dot.${instead}`,
    );
  }
}

/** What a server offers, until it is served. */
export class Registrations {
  #closed = false;
  readonly #all = new Map<string, Registration>();

  addTool<Input extends Schema | undefined = undefined, Output extends Schema | undefined = undefined>(
    name: string,
    config: ToolConfig<Input, Output>,
    handler: ToolHandler<Input, Output>,
  ): void {
    const registered = this.#admit("tool", name, config, handler);
    checkToolName(name);
    this.#keep(toolRegistration({ ...registered, name, config, handler: handler as Handler }));
  }

  addResource(
    name: string,
    uriOrTemplate: string | ResourceTemplate,
    config: ResourceConfig,
    handler: ResourceHandler | ResourceTemplateHandler,
  ): void {
    const registered = this.#admit("resource", name, config, handler, true);
    this.#keep(resourceRegistration({ ...registered, name, uriOrTemplate, config, handler: handler as Handler }));
  }

  addPrompt<Input extends Schema | undefined = undefined>(
    name: string,
    config: PromptConfig<Input>,
    handler: PromptHandler<Input>,
  ): void {
    const registered = this.#admit("prompt", name, config, handler);
    this.#keep(promptRegistration({ ...registered, name, config, handler: handler as Handler }));
  }

  /** Takes no more registrations, and gives those that there are. */
  close(): readonly Registration[] {
    this.#closed = true;
    return [...this.#all.values()];
  }

  #admit(
    kind: string,
    name: string,
    config: AccessRequirements & { readonly authorize?: unknown },
    handler: unknown,
    openFields = false,
  ): Registered {
    if (typeof name !== "string" || name === "") {
      throw new ConfigError(`A ${kind} is registered without a name: the first argument must be a text.`);
    }
    const label = `The ${kind} ${name}`;
    if (typeof config !== "object" || config === null) {
      throw new ConfigError(
        `${label} is registered without a configuration: the argument before the handler must be an object, which may be {}.`,
      );
    }
    if (this.#closed) {
      throw new ConfigError(
        `${label} is registered after the server started. Register everything before run() or app().`,
      );
    }
    if (typeof handler !== "function") {
      throw new ConfigError(`${label} is registered without a handler: the last argument must be a function.`);
    }
    checkFields(label, config, openFields);
    const rule: AccessRule = accessRule(label, config);
    const authorize = config.authorize as Authorize<never> | undefined;
    return { label, rule, authorize, challenges: "scopeChallenge" in config };
  }

  #keep(registration: Registration): void {
    const { kind, name } = registration.operation;
    const key = JSON.stringify([kind, name]);
    if (this.#all.has(key)) {
      throw new ConfigError(`The ${kind} ${name} is registered twice.`);
    }
    this.#all.set(key, registration);
  }
}
