import type { IncomingMessage, ServerResponse } from "node:http";
import type { BodyEditor } from "./body-editor.ts";

/** How the body of an answer ended: `left` when the client went away, or its stream was ended. */
export type RelayEnd = "complete" | "broken" | "left";

/**
 * Writes the body of `answer` to `response` as it comes, no faster than the client reads, and ends both together. What
 * breaks off is broken off for the client as well: it must not take it for the whole.
 *
 * @param observe is given each part of the body.
 * @param editor changes it on its way; what it throws breaks the answer off.
 */
export function relayBody(
  answer: IncomingMessage,
  response: ServerResponse,
  observe: (chunk: Buffer) => void,
  editor?: BodyEditor,
): Promise<RelayEnd> {
  return new Promise((resolve) => {
    const resume = () => answer.resume();
    const settle = (end: RelayEnd) => {
      answer.off("data", forward).off("end", complete).off("error", broken).off("close", broken);
      response.off("drain", resume).off("close", left);
      // What is destroyed may still report an error.
      answer.on("error", () => {});
      answer.destroy();
      resolve(end);
    };
    const forward = (chunk: Buffer) => {
      observe(chunk);
      const sent = editor === undefined ? chunk : edited(() => editor.take(chunk));
      if (sent !== undefined && sent.length > 0 && !response.write(sent)) {
        answer.pause();
      }
    };
    const complete = () => {
      if (!answer.complete) {
        return broken();
      }
      const rest = editor === undefined ? "" : edited(() => editor.end());
      if (rest === undefined) {
        return;
      }
      response.end(rest);
      settle("complete");
    };
    const broken = () => {
      if (response.writableEnded) {
        return left();
      }
      response.destroy();
      settle("broken");
    };
    const edited = (edit: () => string) => {
      try {
        return edit();
      } catch {
        broken();
        return undefined;
      }
    };
    const left = () => settle("left");
    if (response.destroyed) {
      return left();
    }
    answer.on("data", forward).on("end", complete).on("error", broken).on("close", broken);
    response.on("drain", resume).on("close", left);
  });
}
