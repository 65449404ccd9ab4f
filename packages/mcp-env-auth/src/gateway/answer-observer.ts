import type { Calls } from "../http/call-log.ts";

/** Of a longer message, the log says no more than that it was sent. */
const MAX_MESSAGE = 64 * 1024;

const LINE_END = /\r\n|\r|\n/;

/** Reads along what is sent to a client, for the log of calls. It holds back nothing, and never throws. */
export interface AnswerObserver {
  take(chunk: Buffer): void;
  end(): void;
}

/** @param isStream whether the body is events (HTML Standard, Server-sent events), and not one JSON text. */
export function createAnswerObserver(calls: Calls, isStream: boolean): AnswerObserver {
  let text = "";
  let isTooLong = false;
  let data: string[] = [];
  const decoder = new TextDecoder();

  function message(json: string): void {
    try {
      const parsed: unknown = JSON.parse(json);
      for (const one of Array.isArray(parsed) ? parsed : [parsed]) {
        if (typeof one === "object" && one !== null) {
          calls.answered(one);
        }
      }
    } catch {
      // Not JSON: the client will say so.
    }
  }

  function line(content: string): void {
    if (content === "") {
      if (data.length > 0 && !isTooLong && lengthOf(data) <= MAX_MESSAGE) {
        message(data.join("\n"));
      }
      data = [];
      isTooLong = false;
    } else if (content.startsWith("data:")) {
      data.push(content.slice("data:".length));
    }
  }

  function keep(added: string): void {
    text += added;
    if (isStream) {
      // A line feed may follow.
      const held = text.endsWith("\r") ? "\r" : "";
      const lines = text.slice(0, text.length - held.length).split(LINE_END);
      text = (lines.pop() ?? "") + held;
      lines.forEach(line);
    }
    if (text.length + lengthOf(data) > MAX_MESSAGE) {
      isTooLong = true;
      text = "";
      data = [];
    }
  }

  return {
    take(chunk) {
      if (!isTooLong || isStream) {
        keep(decoder.decode(chunk, { stream: true }));
      }
    },
    end() {
      if (!isStream && !isTooLong) {
        message(text);
      }
      calls.end("ok");
    },
  };
}

function lengthOf(parts: readonly string[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
