import { UpstreamFault } from "./upstream-fault.ts";

/** The longest message that is looked into, in characters. */
const MAX_MESSAGE = 8 * 1024 * 1024;

/** The end of an event (HTML Standard, Server-sent events). */
const EVENT_END = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n|$))/g;

const LONGEST_END = "\r\n\r\n".length;

/** Changes messages of a body on their way. */
export interface BodyEditor {
  /** What may be sent of all that came so far. @throws UpstreamFault for a message that is too long. */
  take(chunk: Buffer): string;
  /** What is left. @throws UpstreamFault where it can't be read. */
  end(): string;
}

/**
 * @param isStream whether the body is events, of which each is sent once it is whole. Otherwise it is one JSON text.
 * @param edit returns `undefined` for a message that stays as it is.
 */
export function createBodyEditor(isStream: boolean, edit: (message: unknown) => object | undefined): BodyEditor {
  const decoder = new TextDecoder();
  let text = "";
  /** No event ends before this. */
  let scanned = 0;

  function nextEvent(): string | undefined {
    EVENT_END.lastIndex = scanned;
    const end = EVENT_END.exec(text);
    if (end === null) {
      scanned = Math.max(0, text.length - LONGEST_END);
      return undefined;
    }
    const event = text.slice(0, EVENT_END.lastIndex);
    text = text.slice(event.length);
    scanned = 0;
    return event;
  }

  function keep(added: string): void {
    text += added;
    if (text.length > MAX_MESSAGE) {
      throw new UpstreamFault("unusable", "The upstream sent a list of more than 8 MiB, which can't be filtered.");
    }
  }

  return {
    take(chunk) {
      keep(decoder.decode(chunk, { stream: true }));
      let ready = "";
      for (let event = isStream && nextEvent(); event; event = nextEvent()) {
        ready += editEvent(event, edit);
      }
      return ready;
    },
    end() {
      keep(decoder.decode());
      if (isStream) {
        return editEvent(text, edit);
      }
      const message = parse(text);
      if (message === undefined) {
        throw new UpstreamFault("unusable", "The upstream answered a list with a text that is not JSON.");
      }
      return JSON.stringify(edit(message) ?? message);
    },
  };
}

function editEvent(event: string, edit: (message: unknown) => object | undefined): string {
  const lines = event.split(/\r\n|\r|\n/);
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice("data:".length));
  const message = data.length === 0 ? undefined : parse(data.join("\n"));
  const edited = message === undefined ? undefined : edit(message);
  if (edited === undefined) {
    return event;
  }
  const others = lines.filter((line) => line !== "" && !line.startsWith("data:"));
  return [...others, `data: ${JSON.stringify(edited)}`, "", ""].join("\n");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
