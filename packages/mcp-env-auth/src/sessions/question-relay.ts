import { sha256Base64url } from "../lib/secrets.ts";
import type { MessageBus } from "../store/guard-store.ts";
import type { AnswerMessage, ClientAnswer } from "./client-answer.ts";
import { UnwantedAnswer } from "./refusals.ts";
import type { Sealer } from "./session-id.ts";
import type { Session } from "./sessions.ts";

/** Passes answers to the replica whose tool waits for them. */
export interface QuestionRelay {
  /**
   * Has `take` called with each answer to a question that comes to another replica. Returns what ends it.
   *
   * @throws GuardStoreUnavailable
   */
  listen(question: string, session: Session, take: (message: AnswerMessage) => void): Promise<() => void>;
  /** Whether some replica waits for the answer, and has it now. @throws UnwantedAnswer, GuardStoreUnavailable */
  pass(answer: ClientAnswer, session: Session): Promise<boolean>;
}

/** What is sealed may not be longer. */
const MAX_BYTES = 48_000;

/**
 * A relay through the message bus that replicas share. The name of a channel is a hash of the question and its session:
 * who answers somebody else's question speaks where nobody listens. Answers are sealed for that channel.
 */
export function createQuestionRelay(bus: MessageBus, sealer: Sealer): QuestionRelay {
  return {
    async listen(question, session, take) {
      const channel = channelOf(question, session);
      return bus.subscribe(channel, async (sealed) => {
        const opened = await sealer.open("reply", sealed);
        const [meant, message] = opened === undefined ? [] : parse(opened.payload);
        if (meant === channel && message !== undefined) {
          take(message);
        }
      });
    },

    async pass({ question, message }, session) {
      const channel = channelOf(question, session);
      const payload = Buffer.from(JSON.stringify([channel, message]), "utf8");
      if (payload.length > MAX_BYTES) {
        throw new UnwantedAnswer(
          `The answer has more than ${MAX_BYTES} bytes, too many to be passed between replicas.`,
        );
      }
      const sealed = await sealer.seal("reply", payload);
      return (await bus.publish(channel, sealed)) > 0;
    },
  };
}

function channelOf(question: string, { key }: Session): string {
  return sha256Base64url(JSON.stringify(["question", key, question]));
}

function parse(payload: Uint8Array): [string?, AnswerMessage?] {
  return JSON.parse(Buffer.from(payload).toString("utf8")) as [string, AnswerMessage];
}
