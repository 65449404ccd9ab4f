/** What a JSON-RPC message asks to use. */
export interface Operation {
  readonly kind: "tool" | "prompt" | "resource" | "resource template";
  /** The tool's or prompt's name, the resource's URI, or the template's own text. */
  readonly name: string;
}

/**
 * The operations in the body of a request to the MCP endpoint: one message or a batch. Judged from the body alone,
 * never from headers.
 */
export function operationsIn(body: unknown): Operation[] {
  return Array.isArray(body) ? body.flatMap(operationsOf) : operationsOf(body);
}

/** The tool that a body calls, when that is all that it does. */
export function calledTool(body: unknown): string | undefined {
  const [operation] = Array.isArray(body) ? [] : operationsOf(body);
  return operation?.kind === "tool" ? operation.name : undefined;
}

/** What stands where the URIs of subscriptions belong, whatever it is. */
export function subscribedUris(body: unknown): readonly unknown[] {
  const messages = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) =>
    isRecord(message) && message.method === "subscriptions/listen" && isRecord(message.params)
      ? urisIn(message.params.notifications)
      : [],
  );
}

function operationsOf(message: unknown): Operation[] {
  if (!isRecord(message) || !isRecord(message.params)) {
    return [];
  }
  const { params } = message;
  switch (message.method) {
    case "tools/call":
      return operation("tool", params.name);
    case "prompts/get":
      return operation("prompt", params.name);
    case "resources/read":
    case "resources/subscribe":
      return operation("resource", params.uri);
    case "completion/complete":
      return completed(params.ref);
    case "subscriptions/listen":
      return subscribed(params.notifications);
    default:
      return [];
  }
}

function completed(reference: unknown): Operation[] {
  if (!isRecord(reference)) {
    return [];
  }
  return reference.type === "ref/prompt"
    ? operation("prompt", reference.name)
    : operation("resource template", reference.uri);
}

function subscribed(filter: unknown): Operation[] {
  return urisIn(filter).flatMap((uri) => operation("resource", uri));
}

function urisIn(filter: unknown): readonly unknown[] {
  return isRecord(filter) && Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : [];
}

function operation(kind: Operation["kind"], name: unknown): Operation[] {
  return typeof name === "string" ? [{ kind, name }] : [];
}

/** Whether a value is an object with members, such as a message or its params. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
