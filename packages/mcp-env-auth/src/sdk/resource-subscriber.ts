import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Session } from "../sessions/sessions.ts";
import type { SessionChanges } from "./session-stream.ts";

/** Subscribes the client of a request to resources. */
export interface Subscriber {
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): Promise<void>;
}

/** A subscriber by the stream of a session. */
export function subscriberOf(session: Session, { bus, sessionStreams }: Omit<SessionChanges, "factory">): Subscriber {
  return {
    async subscribe(uri) {
      // What is unknown, hidden, or not for this user is answered alike.
      if (!(await bus.mayLearn({ kind: "resource_updated", uri }))) {
        const reason = `Resource ${uri} not found, or this user is not told of its changes.`;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, reason);
      }
      await sessionStreams.subscribe(session, uri);
    },
    unsubscribe: (uri) => sessionStreams.unsubscribe(session, uri),
  };
}
