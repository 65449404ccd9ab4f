import { stripVTControlCharacters } from "node:util";

const STEERS_TERMINALS = /[\p{Cc}\p{Bidi_Control}]/gu;

/** `text` without what could steer a terminal or reorder a line: values come from files and from the network. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(STEERS_TERMINALS, " ");
}

/** The same for text of several lines, which stay. */
export function printableLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(printable)
    .join("\n");
}

/** `value` as indented JSON that means the same, and steers no terminal: JSON.stringify escapes only some of it. */
export function printableJson(value: unknown): string {
  const json = JSON.stringify(value, undefined, 2);
  return json.replace(STEERS_TERMINALS, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `text` in lines of at most `width` characters; a longer word keeps a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
