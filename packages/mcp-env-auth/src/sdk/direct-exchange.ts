import type { ServerResponse } from "node:http";
import {
  type AuthInfo,
  isJSONRPCRequest,
  isJsonContentType,
  type JSONRPCRequest,
  type McpServerFactory,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import { CLIENT_LEFT } from "../http/call-outcome.ts";
import { ResponseTransport } from "./response-transport.ts";
import { clientOf } from "./web-request.ts";

/** A request that an SDK server can be given without the SDK's HTTP handler. */
export interface DirectRequest {
  /** For handlers to look at. */
  readonly request: Request;
  readonly message: JSONRPCRequest;
  readonly authInfo: AuthInfo | undefined;
}

/**
 * The one request in `body`, where the SDK's handler would serve it, for a revision up to 2025-11-25 and without a
 * session, just as {@link answerDirectly} does; `undefined` where it would do anything else, refuse it above all.
 */
export function directMessage({ method, headers }: Request, body: unknown): JSONRPCRequest | undefined {
  const accept = headers.get("accept");
  const version = headers.get("mcp-protocol-version");
  const isServed =
    method === "POST" &&
    isJsonContentType(headers.get("content-type")) &&
    accept?.includes("application/json") &&
    accept.includes("text/event-stream") &&
    (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version));
  if (!isServed || !isJSONRPCRequest(body)) {
    return undefined;
  }
  const { params } = body;
  const isSessionStart = body.method === "initialize";
  const claimsRevision = params?._meta !== undefined && PROTOCOL_VERSION_META_KEY in params._meta;
  if (isSessionStart || claimsRevision || hidesPrototype(params) || hidesPrototype(params?._meta)) {
    return undefined;
  }
  return body;
}

/**
 * Whether a handler that copies `value` could be given another prototype. The SDK's handler leaves such a member out.
 */
function hidesPrototype(value: object | undefined): boolean {
  return value !== undefined && Object.hasOwn(value, "__proto__");
}

/**
 * Answers a request by a server of its own, connected to `response` itself. The SDK's handler puts two streams and two
 * web responses in between, which cost more than all else that a call takes. Settles when the response is closed.
 *
 * @throws what `build` throws; nothing is answered then.
 */
export async function answerDirectly(
  build: McpServerFactory,
  { request, message, authInfo }: DirectRequest,
  response: ServerResponse,
): Promise<void> {
  const auth = authInfo === undefined ? {} : { authInfo };
  const server = await build({ era: "legacy", requestInfo: request, ...auth });
  const transport = new ResponseTransport(response, message.id, message);
  const client = clientOf(request);
  transport.onanswer = client?.sent;
  transport.mayAsk = client?.asker !== undefined;
  await server.connect(transport);
  // Nobody is left to answer, and nothing would end what is begun now.
  if (response.destroyed) {
    return server.close();
  }
  transport.onmessage?.(message, { request, ...auth });
  await transport.closed;
  // Nobody gets it. It says how the exchange ended to who records that.
  if (!response.writableFinished) {
    response.statusCode = CLIENT_LEFT;
  }
}
