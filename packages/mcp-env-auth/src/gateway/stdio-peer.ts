import { isRecord } from "../authorization/operations.ts";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import { randomId } from "../lib/secrets.ts";
import { type StdioCommand, type StdioProcess, startStdioProcess } from "./stdio-process.ts";

type Message = Readonly<Record<string, unknown>>;

/** Who waits for the answer to a request. */
export interface Waiting {
  /** Takes the answer, and what the process sends before it. Returns false while it takes no more. */
  take(message: Message, isAnswer: boolean): boolean;
  /** Whether the client can be told of anything before the answer, and asked. */
  readonly takesEvents: boolean;
  /** The process has ended. @param reason a clause, for the log. */
  fail(reason: string): void;
}

/** A process that several requests of one user share: each gets its own answers. */
export interface StdioPeer {
  /** Of this process alone. */
  readonly id: string;
  /** Sends a request. What it returns sends the process that it is no longer waited for. */
  ask(message: Message, waiting: Waiting): () => void;
  tell(message: Message): void;
  /** Passes on the answer to a question of the process. Returns false where it asked none by this id. */
  reply(message: Message): boolean;
  /** A client has read what it was sent. */
  resume(): void;
  isBusy(): boolean;
  kill(): void;
}

interface Open {
  readonly id: unknown;
  readonly progressToken: unknown;
  readonly waiting: Waiting;
}

const PROGRESS = "notifications/progress";
const CANCELLED = "notifications/cancelled";
const INITIALIZED = "notifications/initialized";

/** @param ended is told once, when the process has ended; `hasAnswered`: it was of use. */
export function createStdioPeer(
  command: StdioCommand,
  ended: (reason: string, hasAnswered: boolean) => void,
): StdioPeer {
  const open = new Map<number, Open>();
  /** Questions of the process: the ids that clients know, and its own. */
  const questions = new Map<string, unknown>();
  let count = 0;
  let hasAnswered = false;
  let isInitialized = false;
  /** The answer to the first `initialize`: a process has one. */
  let greeting: Message | undefined;
  const process: StdioProcess = startStdioProcess(command, {
    message: (message) => (message.method === undefined ? answered(message) : sent(message)),
    end(reason) {
      for (const { waiting } of [...open.values()]) {
        waiting.fail(reason);
      }
      open.clear();
      ended(reason, hasAnswered);
    },
  });

  function give({ waiting }: Open, message: Message, isAnswer: boolean): void {
    if (!waiting.take(message, isAnswer)) {
      process.pause();
    }
  }

  function answered(message: Message): void {
    const found = typeof message.id === "number" ? open.get(message.id) : undefined;
    if (found !== undefined) {
      hasAnswered = true;
      open.delete(message.id as number);
      give(found, { ...message, id: found.id }, true);
    }
  }

  function sent(message: Message): void {
    const params = isRecord(message.params) ? message.params : {};
    if (message.method === PROGRESS) {
      const found = open.get(params.progressToken as number);
      if (found?.waiting.takesEvents && found.progressToken !== undefined) {
        give(found, { ...message, params: { ...params, progressToken: found.progressToken } }, false);
      }
      return;
    }
    // Nothing says which call it is for: the latest is the likeliest.
    const latest = [...open.values()].findLast(({ waiting }) => waiting.takesEvents);
    if (message.id === undefined) {
      if (latest !== undefined && message.method !== CANCELLED) {
        give(latest, message, false);
      }
      return;
    }
    if (latest === undefined) {
      const error = { code: INTERNAL_ERROR.code, message: "No client is there that could be asked." };
      process.send({ jsonrpc: "2.0", id: message.id, error });
      return;
    }
    const id = randomId();
    questions.set(id, message.id);
    give(latest, { ...message, id }, false);
  }

  return {
    id: randomId(),
    ask(message, waiting) {
      if (message.method === "initialize" && greeting !== undefined) {
        waiting.take({ ...greeting, id: message.id }, true);
        return () => {};
      }
      count += 1;
      const id = count;
      const { params, token } = withToken(message.params, id);
      const taken: Waiting =
        message.method === "initialize"
          ? {
              ...waiting,
              take(answer, isAnswer) {
                greeting = isAnswer && answer.result !== undefined ? answer : greeting;
                return waiting.take(answer, isAnswer);
              },
            }
          : waiting;
      open.set(id, { id: message.id, progressToken: token, waiting: taken });
      process.send({ ...message, id, ...(params !== undefined && { params }) });
      return () => {
        if (open.delete(id) && message.method !== "initialize") {
          process.send({ jsonrpc: "2.0", method: CANCELLED, params: { requestId: id, reason: "The client left." } });
        }
      };
    },
    tell(message) {
      const params = isRecord(message.params) ? message.params : {};
      if (message.method === INITIALIZED && isInitialized) {
        return;
      }
      isInitialized ||= message.method === INITIALIZED;
      if (message.method !== CANCELLED) {
        process.send(message);
        return;
      }
      for (const [id, one] of open) {
        if (one.id === params.requestId) {
          process.send({ ...message, params: { ...params, requestId: id } });
        }
      }
    },
    reply(message) {
      const asked = String(message.id);
      if (!questions.has(asked)) {
        return false;
      }
      process.send({ ...message, id: questions.get(asked) });
      return questions.delete(asked);
    },
    resume: process.resume,
    isBusy: () => open.size > 0,
    kill: process.kill,
  };
}

/** Params whose progress token is `id`, where they have one: tokens of several clients may be the same. */
function withToken(params: unknown, id: number): { readonly params: unknown; readonly token: unknown } {
  const meta = isRecord(params) ? params._meta : undefined;
  if (!isRecord(params) || !isRecord(meta) || meta.progressToken === undefined) {
    return { params, token: undefined };
  }
  return { params: { ...params, _meta: { ...meta, progressToken: id } }, token: meta.progressToken };
}
