import { ToolError } from "../errors.ts";
import { randomId } from "../lib/secrets.ts";
import { GuardStoreUnavailable, STORAGE_VARIABLE } from "../store/guard-store.ts";
import type { AnswerMessage, ClientAnswer } from "./client-answer.ts";
import type { QuestionRelay } from "./question-relay.ts";
import { UnwantedAnswer, unlessDown } from "./refusals.ts";
import type { Session } from "./sessions.ts";

/** A question that a tool waits to have answered. */
export interface OpenQuestion {
  /** 128 random bits, for nobody but the client that is asked. */
  readonly id: string;
  /** Takes no answer any more. */
  close(): void;
}

/** The open questions of one process. */
export interface Questions {
  /**
   * Opens a question to the client of `session`. `take` gets one answer, and word of progress until then.
   *
   * @param request the id of the client's request that it is asked for.
   * @throws ToolError when it could not be answered: the message says why.
   */
  open(session: Session, take: (message: AnswerMessage) => void, request?: unknown): Promise<OpenQuestion>;
  /**
   * Gives an answer to the tool that waits for it, here or at another replica.
   *
   * @throws UnwantedAnswer, OAuthError while Redis does not answer
   */
  answer(answer: ClientAnswer, session: Session): Promise<void>;
  /** Fails the questions of a request that its client has cancelled. */
  cancel(session: Session, request: unknown): void;
  /** Fails all that are open, and each new one: the server stops. */
  closeAll(): void;
}

export interface QuestionsOptions {
  /** Absent: answers count only where the tool waits. */
  readonly relay?: QuestionRelay | undefined;
  /** The most open questions of one user; default 16. */
  readonly limit?: number;
}

/** Enough for tools that ask for several things at once. */
const DEFAULT_LIMIT = 16;

const STOPPING = "The server is shutting down, so the question can't be answered. Call the tool again.";

const CANCELLED = "The client cancelled the call.";

interface Waiting {
  readonly session: Session;
  readonly request: unknown;
  take(message: AnswerMessage): void;
}

export function createQuestions({ relay, limit = DEFAULT_LIMIT }: QuestionsOptions = {}): Questions {
  const waiting = new Map<string, Waiting>();
  /** How many questions each user has open. */
  const counts = new Map<string, number>();
  let isClosed = false;

  function give(id: string, message: AnswerMessage): void {
    const found = waiting.get(id);
    if (found === undefined) {
      return;
    }
    if (!("progress" in message)) {
      waiting.delete(id);
    }
    found.take(message);
  }

  function admit({ isSpread, user }: Session): void {
    if (isClosed) {
      throw new ToolError(STOPPING);
    }
    if (isSpread && relay === undefined) {
      throw new ToolError(
        `The user can't be asked: several replicas serve this client, and the answer may come to another one. The server's operator can set ${STORAGE_VARIABLE} to a Redis that they share or, if the provider has no signing key, send each client to one replica.`,
      );
    }
    if ((counts.get(user) ?? 0) >= limit) {
      throw new ToolError(`The user has ${limit} questions to answer, and more are not allowed. Answer one first.`);
    }
  }

  function count(user: string, change: number): void {
    const now = (counts.get(user) ?? 0) + change;
    if (now > 0) {
      counts.set(user, now);
    } else {
      counts.delete(user);
    }
  }

  async function listen(id: string, session: Session): Promise<() => void> {
    try {
      return (await relay?.listen(id, session, (message) => give(id, message))) ?? (() => {});
    } catch (error) {
      if (!(error instanceof GuardStoreUnavailable)) {
        throw error;
      }
      // The log says that Redis is down. An answer that comes to this process still counts.
      return () => {};
    }
  }

  return {
    async open(session, take, request) {
      admit(session);
      const id = randomId();
      count(session.user, 1);
      waiting.set(id, { session, request, take });
      let stopListening: (() => void) | undefined;
      let isOpen = true;
      const close = () => {
        if (isOpen) {
          isOpen = false;
          waiting.delete(id);
          count(session.user, -1);
        }
        stopListening?.();
        stopListening = undefined;
      };
      try {
        stopListening = await listen(id, session);
      } catch (error) {
        close();
        throw error;
      }
      if (!waiting.has(id)) {
        close();
        throw new ToolError(STOPPING);
      }
      return { id, close };
    },

    async answer(answer, session) {
      const found = waiting.get(answer.question);
      if (found !== undefined) {
        if (found.session.key === session.key) {
          give(answer.question, answer.message);
          return;
        }
      } else if (relay !== undefined && (await unlessDown(() => relay.pass(answer, session)))) {
        return;
      }
      throw new UnwantedAnswer(
        `No tool waits for this answer: it has ended, was answered already${relay === undefined ? `, or runs in another process. With several replicas, set ${STORAGE_VARIABLE}` : ""}.`,
      );
    },

    cancel(session, request) {
      for (const [id, asked] of [...waiting]) {
        if (asked.session.key === session.key && asked.request === request) {
          give(id, { failure: CANCELLED });
        }
      }
    },

    closeAll() {
      isClosed = true;
      for (const id of [...waiting.keys()]) {
        give(id, { failure: STOPPING });
      }
    },
  };
}
