import type { AnswerMessage, ClientAnswer } from "./client-answer.ts";
import { UnwantedAnswer } from "./refusals.ts";
import { type ChannelName, MAX_PASSED_BYTES, type SealedChannels, ValueTooLong } from "./sealed-channels.ts";
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

const TOO_LONG = `The answer has more than ${MAX_PASSED_BYTES} bytes, the most that passes between replicas.`;

/**
 * A relay whose channels are named by question and session: who answers somebody else's speaks where nobody listens.
 */
export function createQuestionRelay(channels: SealedChannels): QuestionRelay {
  return {
    async listen(question, session, take) {
      return channels.listen(channelOf(question, session), (message) => take(message as AnswerMessage));
    },

    async pass({ question, message }, session) {
      const channel = channelOf(question, session);
      try {
        return (await channels.say(channel, message)) > 0;
      } catch (error) {
        if (!(error instanceof ValueTooLong)) {
          throw error;
        }
        const failure: AnswerMessage = { failure: `The client's answer was not accepted. ${TOO_LONG}` };
        await channels.say(channel, failure);
        throw new UnwantedAnswer(`${TOO_LONG} Call the tool again, and answer with less.`);
      }
    },
  };
}

function channelOf(question: string, { key }: Session): ChannelName {
  return ["question", key, question];
}
