import type { Provider } from "./provider.ts";

/** Answers every https request of this process from `current()`, until the returned function is called. */
export function routeToProvider(current: () => Provider): () => void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).protocol === "https:" ? current().answer(request) : original(input, init);
  };
  return () => {
    globalThis.fetch = original;
  };
}
