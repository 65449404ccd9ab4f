import type { ServerResponse } from "node:http";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import { sendJson } from "../http/oauth-error-response.ts";

type Message = Readonly<Record<string, unknown>>;

const NO_ANSWER = { jsonrpc: "2.0", id: null, error: INTERNAL_ERROR };

/**
 * Sends the responses in a stream of events as JSON, to a client that takes nothing else: a list for a batch. What
 * comes before them, such as progress, is dropped. Resolves when they are sent or the client has gone.
 *
 * @param events a response of the type `text/event-stream`.
 */
export async function sendAsJson(events: Response, isBatch: boolean, response: ServerResponse): Promise<void> {
  const answers: Message[] = [];
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  const stop = () => void reader?.cancel().catch(() => {});
  if (response.destroyed) {
    return stop();
  }
  response.once("close", stop);
  try {
    let text = "";
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) {
        break;
      }
      const complete = `${text}${value}`.split("\n\n");
      text = complete.pop() ?? "";
      for (const event of complete) {
        answers.push(...responsesIn(event));
      }
    }
  } finally {
    response.off("close", stop);
  }
  if (!response.destroyed) {
    sendJson(response, 200, isBatch ? answers : (answers[0] ?? NO_ANSWER));
  }
}

function responsesIn(event: string): Message[] {
  const data = event.split("\n").flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length)] : []));
  if (data.join("").trim() === "") {
    return [];
  }
  const message = JSON.parse(data.join("\n")) as Message;
  return "result" in message || "error" in message ? [message] : [];
}
