import { type McpServer, ProtocolError, ProtocolErrorCode, type Server } from "@modelcontextprotocol/server";
import { OAuthError } from "../errors.ts";
import { NoStream, SubscriptionRefused } from "../sessions/refusals.ts";
import { handlersOf } from "./answer-always.ts";
import { clientOf } from "./web-request.ts";

/** The methods, and what each asks of a {@link Subscriber}. */
const METHODS = [
  ["resources/subscribe", "subscribe"],
  ["resources/unsubscribe", "unsubscribe"],
] as const;

/** Whether a body may subscribe to a resource; one that is not known may. */
export function maySubscribe(body: unknown): boolean {
  return body === undefined || Array.isArray(body) || METHODS.some(([method]) => method === methodOf(body));
}

/**
 * Has a server for one request of a client up to 2025-11-25 answer `resources/subscribe` and `resources/unsubscribe`:
 * by its own handler, where it has one, and by the client's stream. Without one, there is no such method.
 */
export function subscribeResources(built: McpServer | Server): void {
  const server = "server" in built ? built.server : built;
  const { resources } = server.getCapabilities();
  for (const [method, act] of METHODS) {
    const own = handlersOf(server).get(method);
    if (resources === undefined || (own === undefined && resources.subscribe !== true)) {
      continue;
    }
    server.setRequestHandler(method, async (request, context) => {
      const subscriber = clientOf(context.http?.req)?.subscriber;
      if (subscriber === undefined) {
        throw new ProtocolError(ProtocolErrorCode.MethodNotFound, new NoStream().message);
      }
      const answer = await own?.({ ...request, jsonrpc: "2.0", id: context.mcpReq.id }, context);
      await orRefuse(subscriber[act](request.params.uri));
      return answer ?? {};
    });
  }
}

async function orRefuse(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof NoStream) {
      throw new ProtocolError(ProtocolErrorCode.MethodNotFound, error.message);
    }
    if (error instanceof SubscriptionRefused) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
    if (error instanceof OAuthError) {
      throw new ProtocolError(ProtocolErrorCode.InternalError, error.message);
    }
    throw error;
  }
}

function methodOf(body: unknown): unknown {
  return (body as { readonly method?: unknown } | null | undefined)?.method;
}
