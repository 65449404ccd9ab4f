import { describe, expect, it } from "vitest";
import { OAuthError } from "../errors.ts";
import { createKeyring } from "../sealing/keyring.ts";
import { createRootKeys } from "../sealing/root-keys.ts";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import { type AnswerMessage, answersIn } from "./client-answer.ts";
import { createQuestionRelay } from "./question-relay.ts";
import { createQuestions } from "./questions.ts";
import { UnwantedAnswer } from "./refusals.ts";
import { createSealedChannels } from "./sealed-channels.ts";
import type { Session } from "./sessions.ts";
import { brokenBus, newBus } from "./testing/message-bus.ts";

const keyring = createKeyring(await createRootKeys({ secret: "a signing key of more than thirty-two bytes" }), []);

const session = (changes: Partial<Session> = {}): Session => ({
  key: "key",
  user: "alice",
  revision: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "Test", version: "1" },
  expiresAt: 2_000_000_000,
  isSpread: false,
  ...changes,
});
const result = (value: number) => ({ result: { value } });

describe("a question", () => {
  it("takes one answer, of its own session", async () => {
    const questions = createQuestions();
    const taken: AnswerMessage[] = [];
    const { id } = await questions.open(session(), (message) => taken.push(message));
    const answer = (value: number, from = session()) =>
      questions.answer({ question: id, message: result(value) }, from);
    await expect(answer(1, session({ key: "other" }))).rejects.toBeInstanceOf(UnwantedAnswer);
    await answer(2);
    await expect(answer(3)).rejects.toBeInstanceOf(UnwantedAnswer);
    expect(taken).toEqual([result(2)]);
  });

  it("takes word of progress until it is answered, and none after it was closed", async () => {
    const questions = createQuestions();
    const taken: AnswerMessage[] = [];
    const { id, close } = await questions.open(session(), (message) => taken.push(message));
    const progress = { question: id, message: { progress: { progress: 1 } } };
    await questions.answer(progress, session());
    await questions.answer(progress, session());
    expect(taken).toHaveLength(2);
    close();
    await expect(questions.answer(progress, session())).rejects.toBeInstanceOf(UnwantedAnswer);
  });

  it("has an id of 128 random bits", async () => {
    const questions = createQuestions({ limit: 100 });
    const ids = await Promise.all(Array.from({ length: 100 }, () => questions.open(session(), () => {})));
    expect(new Set(ids.map(({ id }) => id)).size).toBe(100);
    expect(ids[0]?.id).toMatch(/^[\w-]{22}$/);
  });

  it("is one of so many of its user, through whichever sessions, and of nobody else", async () => {
    const questions = createQuestions({ limit: 2 });
    const open = (changes: Partial<Session>) => questions.open(session(changes), () => {});
    const first = await open({});
    await open({ key: "other" });
    await expect(open({ key: "third" })).rejects.toThrow(/2 questions/);
    await open({ user: "bob" });
    first.close();
    first.close();
    await open({});
    await expect(open({})).rejects.toThrow(/2 questions/);
  });

  it("fails when the server stops, and so does each new one", async () => {
    const questions = createQuestions();
    const taken: AnswerMessage[] = [];
    await questions.open(session(), (message) => taken.push(message));
    questions.closeAll();
    expect(taken).toEqual([{ failure: expect.stringContaining("shutting down") }]);
    await expect(questions.open(session(), () => {})).rejects.toThrow(/shutting down/);
  });

  it("fails at once where its answer may come to another replica that can't pass it on", async () => {
    const spread = session({ isSpread: true });
    await expect(createQuestions().open(spread, () => {})).rejects.toThrow(/FASTMCP_STORAGE_URL/);
    const relay = createQuestionRelay(createSealedChannels(newBus().bus, keyring));
    await expect(createQuestions({ relay }).open(spread, () => {})).resolves.toBeDefined();
  });
});

describe("an answer that comes to another replica", () => {
  it("is passed to the one that asked, once, and sealed", async () => {
    const { bus, sent } = newBus();
    const [asks, answers] = [0, 0].map(() =>
      createQuestions({ relay: createQuestionRelay(createSealedChannels(bus, keyring)) }),
    );
    const taken: AnswerMessage[] = [];
    let close = () => {};
    const arrived = new Promise<void>((resolve) => {
      void asks
        ?.open(session(), (message) => {
          taken.push(message);
          close();
          resolve();
        })
        .then((opened) => {
          close = opened.close;
          void answers?.answer({ question: opened.id, message: { result: { secret: "swordfish" } } }, session());
        });
    });
    await arrived;
    expect(taken).toEqual([{ result: { secret: "swordfish" } }]);
    expect(sent.join()).not.toContain("swordfish");
  });

  it("is refused when nobody waits, or when it is of another session", async () => {
    const { bus } = newBus();
    const [asks, answers] = [0, 0].map(() =>
      createQuestions({ relay: createQuestionRelay(createSealedChannels(bus, keyring)) }),
    );
    const taken: AnswerMessage[] = [];
    const opened = await asks?.open(session(), (message) => taken.push(message));
    const answer = (from: Session) => answers?.answer({ question: opened?.id ?? "", message: result(1) }, from);
    await expect(answer(session({ key: "other" }))).rejects.toBeInstanceOf(UnwantedAnswer);
    opened?.close();
    await expect(answer(session())).rejects.toBeInstanceOf(UnwantedAnswer);
    expect(taken).toEqual([]);
  });

  it("is nothing that was not sealed for its channel", async () => {
    const { bus, sent } = newBus();
    const relay = createQuestionRelay(createSealedChannels(bus, keyring));
    const taken: AnswerMessage[] = [];
    await relay.listen("first", session(), (message) => taken.push(message));
    await relay.listen("second", session(), (message) => taken.push(message));
    await relay.pass({ question: "first", message: result(1) }, session());
    await expect.poll(() => taken).toEqual([result(1)]);
    const [first = "", sealed = ""] = sent;
    await relay.pass({ question: "second", message: result(2) }, session());
    await expect.poll(() => taken).toHaveLength(2);
    const second = sent[2] ?? "";
    for (const forged of [sealed, "{}", ""]) {
      await bus.publish(second, forged);
    }
    await bus.publish(first, sealed);
    await expect.poll(() => taken).toEqual([result(1), result(2), result(1)]);
  });

  it("is answered with 503 while the store is down", async () => {
    const bus = brokenBus(new GuardStoreUnavailable("down"));
    const questions = createQuestions({ relay: createQuestionRelay(createSealedChannels(bus, keyring)) });
    const taken: AnswerMessage[] = [];
    const { id } = await questions.open(session(), (message) => taken.push(message));
    const elsewhere = questions.answer({ question: "elsewhere", message: result(1) }, session());
    await expect(elsewhere).rejects.toBeInstanceOf(OAuthError);
    await questions.answer({ question: id, message: result(1) }, session());
    expect(taken).toEqual([result(1)]);
  });

  it("that is too large to be passed on is refused, and fails its tool at once", async () => {
    const { bus } = newBus();
    const [asks, answers] = [0, 0].map(() =>
      createQuestions({ relay: createQuestionRelay(createSealedChannels(bus, keyring)) }),
    );
    const taken: AnswerMessage[] = [];
    const opened = await asks?.open(session(), (message) => taken.push(message));
    const large = { question: opened?.id ?? "", message: { result: { text: "x".repeat(48_000) } } };
    await expect(answers?.answer(large, session())).rejects.toThrow(/more than 48000 bytes.+answer with less/);
    await expect.poll(() => taken).toEqual([{ failure: expect.stringContaining("more than 48000 bytes") }]);
    const late = answers?.answer({ ...large, message: result(1) }, session());
    await expect(late).resolves.toBeUndefined();
    expect(taken).toHaveLength(1);
  });
});

describe("the answers in a body", () => {
  const answer = { jsonrpc: "2.0", id: "a", result: { x: 1 } };
  it("are results, errors and progress, without what else stands there", () => {
    expect(answersIn({ ...answer, extra: 1 })).toEqual([{ question: "a", message: { result: { x: 1 } } }]);
    const error = { code: 1, message: "No", data: [1], extra: 1 };
    expect(answersIn([{ id: "b", error }, answer])?.map(({ question }) => question)).toEqual(["b", "a"]);
    expect(answersIn({ id: "b", error })?.[0]?.message).toEqual({ error: { code: 1, message: "No", data: [1] } });
    const params = { progressToken: "c", progress: 1 };
    expect(answersIn({ method: "notifications/progress", params })?.[0]?.question).toBe("c");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an empty list", []],
    ["a request", { id: "a", method: "ping" }],
    ["a request among answers", [answer, { id: "a", method: "ping" }]],
    ["an id that is a number, which we give to no question", { ...answer, id: 1 }],
    ["neither a result nor an error", { id: "a" }],
    ["a result that is text", { id: "a", result: "x" }],
    ["an error without a code", { id: "a", error: { message: "No" } }],
    ["progress of a call of the client's own", { method: "notifications/progress", params: { progressToken: 1 } }],
  ])("are not found in %s", (_what, body) => {
    expect(answersIn(body)).toBeUndefined();
  });
});
