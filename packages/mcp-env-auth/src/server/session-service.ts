import type { SessionService } from "../http/session-requests.ts";
import type { Clock } from "../lib/clock.ts";
import type { Authentication } from "../providers/auth-provider.ts";
import { createKeptSubscriptions } from "../sessions/kept-subscriptions.ts";
import { createLogLevels } from "../sessions/log-levels.ts";
import { createQuestionRelay } from "../sessions/question-relay.ts";
import { createQuestions } from "../sessions/questions.ts";
import { createSealedChannels } from "../sessions/sealed-channels.ts";
import { encodingSealer } from "../sessions/session-id.ts";
import { createSessionStreams } from "../sessions/session-streams.ts";
import { createSessions } from "../sessions/sessions.ts";
import { createStreamRelay } from "../sessions/stream-relay.ts";
import type { GuardStore } from "../store/guard-store.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";

export interface SessionServiceOptions {
  readonly authentication: Authentication;
  readonly store: GuardStore;
  /** Seconds. */
  readonly sessionTtl: number;
  readonly clock: Clock;
}

/**
 * The sessions of a server's users, with their questions and streams. Where the provider has no signing key, replicas
 * share no secret: ids are only encoded then, and nothing of a session but the level of its log leaves the process.
 */
export async function createSessionService(options: SessionServiceOptions): Promise<SessionService> {
  const { authentication, store, sessionTtl: ttl, clock } = options;
  const sealer = authentication.sealer ?? (await encodingSealer());
  const isSealed = authentication.sealer !== undefined;
  const channels = isSealed && store.bus ? createSealedChannels(store.bus, sealer) : undefined;
  const kept = createKeptSubscriptions({ store: isSealed ? store : createMemoryGuardStore({ clock }), sealer, clock });
  return {
    sessions: createSessions({ sealer, store, ttl, clock }),
    questions: createQuestions({ relay: channels && createQuestionRelay(channels) }),
    streams: createSessionStreams({ kept, relay: channels && createStreamRelay(channels), store, clock }),
    levels: createLogLevels({ store, clock }),
  };
}
