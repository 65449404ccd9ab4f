/** A `fetch` whose failures name the host and the cause, where the platform's say "fetch failed". */
export async function namedFetch(input: string | URL, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (error) {
    const hint = isLocal(new URL(input)) ? " Is it running? npm run dev starts the server." : "";
    throw new Error(`${new URL(input).host} can't be reached: ${causeOf(error)}.${hint}`, { cause: error });
  }
}

function isLocal({ hostname }: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

/** The innermost reason. A name with several addresses gives one error for each: the first is as good as any. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return causeOf(error.errors[0]);
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause === undefined ? error.message : causeOf(error.cause);
}
