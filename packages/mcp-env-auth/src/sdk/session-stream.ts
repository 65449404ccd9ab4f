import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthInfo, JSONRPCNotification, McpServerFactory, ServerEvent } from "@modelcontextprotocol/server";
import type { Caller } from "../http/caller.ts";
import { sendErrorBody } from "../http/oauth-error-response.ts";
import type { OpenStreams, StreamToken } from "../http/open-streams.ts";
import type { SessionStream, SessionStreams } from "../sessions/session-streams.ts";
import type { Session } from "../sessions/sessions.ts";
import { takesEvents } from "./accepted-types.ts";
import { beginEvents, toEvent } from "./event-stream.ts";
import { type ChangeBus, runWithSubscription, subscriptionOn } from "./subscription.ts";
import { type ToldChanges, toldChanges } from "./told-changes.ts";

/** A GET of a session (MCP 2025-11-25, Streamable HTTP, Listening for Messages from the Server). */
export interface StreamRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly session: Session;
  readonly caller: Caller;
  /** For the factory to look at. */
  readonly view: Request;
  readonly authInfo: AuthInfo | undefined;
  /** Runs something as this caller, whoever caused it. */
  readonly asCaller: <T>(work: () => T) => T;
}

/** What tells clients up to 2025-11-25 of changes. */
export interface SessionChanges {
  /** Builds the SDK's server for one request: its capabilities say what it tells of. */
  readonly factory: McpServerFactory;
  readonly bus: ChangeBus;
  readonly sessionStreams: SessionStreams;
}

export interface SessionStreamOptions extends SessionChanges {
  readonly streams: OpenStreams;
}

/**
 * Serves the stream of a session until it ends: with its token, with the session, when its client opens another one,
 * and when the server stops. Resolves with false, and sends nothing, where the server never tells of changes.
 *
 * @throws OAuthError when there is no place for it (429, 503), or Redis does not answer (503)
 */
export async function serveSessionStream(
  { request, response, session, caller, view, authInfo, asCaller }: StreamRequest,
  { factory, bus, streams, sessionStreams }: SessionStreamOptions,
): Promise<boolean> {
  const built = await factory({ era: "legacy", requestInfo: view, ...(authInfo && { authInfo }) });
  const told = toldChanges(built);
  if (told.size === 0) {
    return false;
  }
  if (!takesEvents(request.headers.accept)) {
    sendErrorBody(response, 406, "invalid_request", "Accept text/event-stream here.");
    return true;
  }
  const end = () => void (response.headersSent ? response.end() : response.destroy());
  let stream: SessionStream | undefined;
  const forget = streams.add(end, tokenOf(session, caller, sessionStreams));
  try {
    const mayLearn = (uri: string) => asCaller(() => bus.mayLearn({ kind: "resource_updated", uri }));
    stream = await sessionStreams.open(session, { mayLearn, end });
    if (!response.destroyed) {
      await tellChanges(response, { bus, stream, told, end });
    }
    return true;
  } finally {
    forget();
    stream?.close();
  }
}

interface Telling {
  readonly bus: ChangeBus;
  readonly stream: SessionStream;
  readonly told: ToldChanges;
  end(): void;
}

async function tellChanges(response: ServerResponse, { bus, stream, told, end }: Telling): Promise<void> {
  const wants = (event: ServerEvent) =>
    told.has(event.kind) && (event.kind !== "resource_updated" || stream.spellingOf(event.uri) !== undefined);
  const send = (event: ServerEvent) => {
    if (!response.writableEnded && wants(event)) {
      response.write(toEvent(notificationOf(event, stream)));
    }
  };
  const unsubscribe = runWithSubscription(subscriptionOn(response, { wants, end }), () => bus.subscribe(send));
  const stopKeepAlive = beginEvents(response);
  try {
    await once(response, "close");
  } finally {
    stopKeepAlive();
    unsubscribe();
  }
}

function notificationOf(event: ServerEvent, stream: SessionStream): JSONRPCNotification {
  if (event.kind === "resource_updated") {
    const uri = stream.spellingOf(event.uri) ?? event.uri;
    return { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } };
  }
  const list = event.kind.replace("_list_changed", "");
  return { jsonrpc: "2.0", method: `notifications/${list}/list_changed` };
}

/** What ends the stream: the token and the session, whichever is over first. */
function tokenOf(session: Session, { streamToken }: Caller, sessionStreams: SessionStreams): StreamToken {
  return {
    owner: streamToken.owner,
    expiresAt: Math.min(streamToken.expiresAt, session.expiresAt),
    isGood: async () => (await streamToken.isGood()) && sessionStreams.lasts(session),
  };
}
