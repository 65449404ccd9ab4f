// A file of its own: what masks errors needs it, for servers that are ours and for others.
/** Names of registrations are short; what a client sends need not be. */
const MAX_NAME = 200;

interface Named {
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly ref?: { readonly name?: unknown; readonly uri?: unknown };
  };
}

/** The beginning of a sentence about what runs for a request: its method, and the name that it asks for. */
export function describeRequest(method: string, request: unknown): string {
  const { params } = (request ?? {}) as Named;
  const name = params?.name ?? params?.uri ?? params?.ref?.name ?? params?.ref?.uri;
  return typeof name === "string" ? `${method} of ${name.slice(0, MAX_NAME)}` : method;
}
