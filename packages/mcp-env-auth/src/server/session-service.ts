import type { SessionService } from "../http/session-requests.ts";
import type { Clock } from "../lib/clock.ts";
import type { Authentication } from "../providers/auth-provider.ts";
import { createQuestionRelay } from "../sessions/question-relay.ts";
import { createQuestions } from "../sessions/questions.ts";
import { encodingSealer } from "../sessions/session-id.ts";
import { createSessions } from "../sessions/sessions.ts";
import type { GuardStore } from "../store/guard-store.ts";

export interface SessionServiceOptions {
  readonly authentication: Authentication;
  readonly store: GuardStore;
  /** Seconds. */
  readonly sessionTtl: number;
  readonly clock: Clock;
}

/**
 * The sessions and questions of a server's users. Where the provider has no signing key, replicas share no secret: ids
 * are only encoded then, and answers are not passed between replicas.
 */
export async function createSessionService(options: SessionServiceOptions): Promise<SessionService> {
  const { authentication, store, sessionTtl: ttl, clock } = options;
  const { sealer } = authentication;
  return {
    sessions: createSessions({ sealer: sealer ?? (await encodingSealer()), store, ttl, clock }),
    questions: createQuestions({ relay: sealer && store.bus && createQuestionRelay(store.bus, sealer) }),
  };
}
