import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The width of code and comments alike: `formatter.lineWidth` of biome.json, which leaves comments as they are. */
export const WIDTH = 120;

/**
 * @typedef {object} Comment
 * @property {number} start
 * @property {number} end
 * @property {boolean} ownLine Whether it is a line comment with nothing before it.
 */

/** Comments that tools read line by line. */
const DIRECTIVE = /^\/\/(?:\/| ?(?:biome-ignore|@ts-|eslint-|v8 |c8 |#|prettier-))/;

/** What starts a line of its own: an item of a list, a table, a heading, a tag. */
const STARTS_LINE = /^(?:[-*+] |\d+\. |\||#|@)/;

/** A regular expression may follow these; after anything else, a slash divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|await|yield|void|delete))$/;

/**
 * The sources below a folder that comments are wrapped in, by their paths from there.
 *
 * @param {string} root
 * @param {string} [folder]
 * @returns {string[]}
 */
export function listSources(root, folder = "") {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return /^(?:node_modules|dist|\..*)$/.test(entry.name) ? [] : listSources(root, path);
    }
    return entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/**
 * Wraps the comments of a source that stand on lines of their own at {@link WIDTH}. Code, lists, tables and examples in
 * them stay as they are.
 *
 * @param {string} source TypeScript or JavaScript, formatted by Biome
 * @returns {string}
 */
export function wrapComments(source) {
  let result = "";
  let end = 0;
  for (const comment of commentsOf(source)) {
    const lineStart = source.lastIndexOf("\n", comment.start - 1) + 1;
    const indent = source.slice(lineStart, comment.start);
    if (indent.trim() !== "" || (source[comment.end] ?? "\n") !== "\n") {
      continue;
    }
    const text = source.slice(comment.start, comment.end);
    const wrapped = text.startsWith("/**") ? wrapBlock(text, indent) : wrapLines(text, indent);
    result += source.slice(end, comment.start) + wrapped;
    end = comment.end;
  }
  return result + source.slice(end);
}

/**
 * The docstrings, and the runs of line comments with nothing between them.
 *
 * @param {string} source
 * @returns {Comment[]}
 */
function commentsOf(source) {
  /** @type {Comment[]} */
  const found = [];
  /** Depths of braces in which a template literal goes on. @type {number[]} */
  const templates = [];
  let depth = 0;
  let at = 0;
  /** What stands before, without space and comments: a slash divides after a value. */
  let before = "";
  while (at < source.length) {
    const character = source[at] ?? "";
    const start = at;
    if (source.startsWith("//", at) || (at === 0 && source.startsWith("#!"))) {
      at = endOfLine(source, at);
      const last = found.at(-1);
      const isRun = last?.ownLine && /^\n[ \t]*$/.test(source.slice(last.end, start));
      if (isRun && !DIRECTIVE.test(source.slice(start, at)) && !DIRECTIVE.test(source.slice(last.start, last.end))) {
        last.end = at;
      } else if (source.startsWith("//", start)) {
        found.push({ start, end: at, ownLine: isOwnLine(source, start) });
      }
    } else if (source.startsWith("/*", at)) {
      at = source.indexOf("*/", at) + 2;
      if (source.startsWith("/**", start)) {
        found.push({ start, end: at, ownLine: false });
      }
    } else if (character === '"' || character === "'") {
      at = skipTo(source, at + 1, character);
      before = "x";
    } else if (character === "`" || (character === "}" && templates.at(-1) === depth)) {
      if (character === "}") {
        templates.pop();
      }
      at = endOfTemplatePart(source, at + 1);
      if (source.startsWith("${", at - 2)) {
        templates.push(depth);
        before = "{";
      } else {
        before = "x";
      }
    } else if (character === "/" && BEFORE_REGEX.test(before)) {
      at = endOfRegex(source, at + 1);
      before = "x";
    } else {
      depth += character === "{" ? 1 : character === "}" ? -1 : 0;
      at += 1;
      before = /\s/.test(character) ? before : /\w/.test(character) ? nameBefore(source, at) : character;
    }
  }
  return found;
}

/** @param {string} source @param {number} at */
function isOwnLine(source, at) {
  return source.slice(source.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}

/** @param {string} source @param {number} at */
function endOfLine(source, at) {
  const end = source.indexOf("\n", at);
  return end === -1 ? source.length : end;
}

/** The name that ends at `at`. @param {string} source @param {number} at */
function nameBefore(source, at) {
  let start = at;
  while (start > 0 && /\w/.test(source[start - 1] ?? "")) {
    start -= 1;
  }
  return source.slice(start, at);
}

/** Past the closing `quote`. @param {string} source @param {number} at @param {string} quote */
function skipTo(source, at, quote) {
  while (at < source.length && source[at] !== quote) {
    at += source[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

/** Past the end of a template literal, or past the `${` in it. @param {string} source @param {number} at */
function endOfTemplatePart(source, at) {
  while (at < source.length && source[at] !== "`") {
    if (source.startsWith("${", at)) {
      return at + 2;
    }
    at += source[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

/** @param {string} source @param {number} at */
function endOfRegex(source, at) {
  let inClass = false;
  while (at < source.length && (inClass || source[at] !== "/")) {
    inClass = source[at] === "[" ? true : source[at] === "]" ? false : inClass;
    at += source[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}

/** @param {string} block from `/**` to its end @param {string} indent */
function wrapBlock(block, indent) {
  if (!block.includes("\n") && isTypedef(block.slice(3).trim())) {
    return block;
  }
  const lines = block
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\*(?: |$)/, "").trimEnd());
  if (lines.length > 1) {
    lines.shift();
    lines.pop();
  }
  const wrapped = wrapText(
    lines.map((line) => (lines.length === 1 ? line.trim() : line)),
    WIDTH - indent.length - 3,
  );
  const [only = ""] = wrapped;
  if (wrapped.length === 1 && indent.length + only.length + 7 <= WIDTH) {
    return `/** ${only} */`;
  }
  return ["/**", ...wrapped.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join("\n");
}

/** @param {string} run line comments @param {string} indent */
function wrapLines(run, indent) {
  if (DIRECTIVE.test(run)) {
    return run;
  }
  const lines = run.split("\n").map((line) =>
    line
      .trim()
      .replace(/^\/\/ ?/, "")
      .trimEnd(),
  );
  return wrapText(lines, WIDTH - indent.length - 3)
    .map((line) => `// ${line}`.trimEnd())
    .join(`\n${indent}`);
}

/** @param {readonly string[]} lines @param {number} width @returns {string[]} */
function wrapText(lines, width) {
  /** @type {string[]} */
  const result = [];
  /** @type {{ words: string, hanging: string } | undefined} */
  let paragraph;
  let isCode = false;
  let isExample = false;
  const flush = () => {
    if (paragraph !== undefined) {
      result.push(...fill(paragraph.words, paragraph.hanging, width));
    }
    paragraph = undefined;
  };
  for (const line of lines) {
    const isFence = line.trim().startsWith("```");
    if (line.startsWith("@")) {
      isExample = line.startsWith("@example");
    }
    if (isFence || isCode || isExample || line === "" || /^[|#]/.test(line) || isTypedef(line)) {
      flush();
      result.push(line);
      isCode = isFence ? !isCode : isCode;
    } else if (paragraph === undefined || STARTS_LINE.test(line.trim())) {
      flush();
      const hanging = /^\s*(?:[-*+]|\d+\.) /.exec(line)?.[0].replace(/\S/g, " ") ?? "";
      paragraph = { words: line, hanging };
    } else {
      paragraph = { ...paragraph, words: `${paragraph.words} ${line.trim()}` };
    }
  }
  flush();
  return result;
}

/** Types in comments of JavaScript. @param {string} line */
function isTypedef(line) {
  return /^@(?:typedef|import|property|template|type)\b/.test(line);
}

/** @param {string} words @param {string} hanging @param {number} width @returns {string[]} */
function fill(words, hanging, width) {
  const [indent = ""] = /^\s*/.exec(words) ?? [];
  /** @type {string[]} */
  const lines = [];
  let line = indent;
  for (const word of words.trim().split(/\s+/)) {
    const isFirst = line.trim() === "";
    // A word that would start an item or a tag stays where it is.
    if (isFirst || line.length + 1 + word.length <= width || STARTS_LINE.test(`${word} `)) {
      line += isFirst ? word : ` ${word}`;
    } else {
      lines.push(line);
      line = hanging + word;
    }
  }
  return [...lines, line];
}
