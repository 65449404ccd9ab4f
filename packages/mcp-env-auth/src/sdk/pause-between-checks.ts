import { setImmediate as nextTurn } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/server";

type Handler = (request: unknown, context: unknown) => Promise<unknown>;

/** The hook that the SDK has for subclasses. It is protected, and `McpServer` makes its `Server` itself. */
interface HandlerWrapper {
  _wrapHandler(method: string, handler: Handler): Handler;
}

/**
 * Pauses in the middle of each request: the SDK checks a call of a tool twice, and of tens of thousands of arguments
 * each takes as long as to parse them. Call it before anything is registered.
 */
export function pauseBetweenChecks(server: Server, pause: () => Promise<void>): void {
  const wrapper = server as unknown as HandlerWrapper;
  const wrapHandler = wrapper._wrapHandler.bind(server);
  wrapper._wrapHandler = (method, handler) =>
    wrapHandler(method, async (request, context) => {
      await pause();
      return handler(request, context);
    });
}

/** Each pause ends in a turn of its own: the messages of a large batch would all go on in one otherwise. */
export function createPauses(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => nextTurn());
    return last;
  };
}
