/** What is wrong with a part of a result, and where. */
export interface ContentFault {
  readonly path: string;
  readonly message: string;
}

/** What each type of content must have, as text. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  text: ["text"],
  image: ["data", "mimeType"],
  audio: ["data", "mimeType"],
  resource_link: ["uri", "name"],
  resource: [],
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * What is wrong with the content of a tool's result, a prompt's messages or the contents of a resource, in more words
 * than a schema has; `undefined` where that is something else.
 */
export function explainContent(result: unknown): ContentFault | undefined {
  const { content, messages, contents } = (result ?? {}) as Record<string, unknown>;
  return (
    first(content, "content", explainBlock) ??
    first(messages, "messages", explainMessage) ??
    first(contents, "contents", explainResource)
  );
}

function first(
  list: unknown,
  name: string,
  explain: (item: Record<string, unknown>, path: string) => ContentFault | undefined,
): ContentFault | undefined {
  if (!Array.isArray(list)) {
    return undefined;
  }
  for (const [index, item] of list.entries()) {
    const path = `${name}[${index}]`;
    const found = isObject(item) ? explain(item, path) : { path, message: `it is ${kindOf(item)}, not an object.` };
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function explainMessage({ role, content }: Record<string, unknown>, path: string): ContentFault | undefined {
  if (role !== "user" && role !== "assistant") {
    return { path: `${path}.role`, message: `it must be "user" or "assistant", and is ${wordOr(role)}.` };
  }
  if (!isObject(content)) {
    const message = `it is ${kindOf(content)}. Write { type: "text", text: "…" }.`;
    return { path: `${path}.content`, message };
  }
  return explainBlock(content, `${path}.content`);
}

function explainBlock(block: Record<string, unknown>, path: string): ContentFault | undefined {
  const { type } = block;
  const required = typeof type === "string" && Object.hasOwn(REQUIRED, type) ? REQUIRED[type] : undefined;
  if (required === undefined) {
    return {
      path: `${path}.type`,
      message: `it must be one of ${Object.keys(REQUIRED).join(", ")}, and is ${wordOr(type)}.`,
    };
  }
  const missing = required.find((field) => typeof block[field] !== "string");
  if (missing !== undefined) {
    const example = missing === "data" ? ' Set it to the base64 text, such as buffer.toString("base64").' : "";
    return { path: `${path}.${missing}`, message: `it must be a text, and is ${kindOf(block[missing])}.${example}` };
  }
  if ((type === "image" || type === "audio") && !BASE64.test(block.data as string)) {
    return { path: `${path}.data`, message: 'it is not base64. Leave out "data:…;base64," and line breaks.' };
  }
  if (type === "resource") {
    const { resource } = block;
    return isObject(resource)
      ? explainResource(resource, `${path}.resource`)
      : { path: `${path}.resource`, message: `it must be { uri, text } or { uri, blob }, and is ${kindOf(resource)}.` };
  }
  return undefined;
}

function explainResource({ uri, text, blob }: Record<string, unknown>, path: string): ContentFault | undefined {
  if (typeof uri !== "string") {
    return { path: `${path}.uri`, message: `it must be a text, and is ${kindOf(uri)}. For a URL, use url.href.` };
  }
  if (typeof text !== "string" && typeof blob !== "string") {
    return { path: `${path}.text`, message: `it is ${kindOf(text)}. A resource has either text, or base64 as blob.` };
  }
  if (typeof text !== "string" && !BASE64.test(blob as string)) {
    return { path: `${path}.blob`, message: 'it is not base64. Set it to buffer.toString("base64").' };
  }
  return undefined;
}

/** A word that an author chooses among few, and not what may be data of users. */
const WORD = /^[A-Za-z_-]{1,20}$/;

function wordOr(value: unknown): string {
  return typeof value === "string" && WORD.test(value) ? JSON.stringify(value) : kindOf(value);
}

/** Never the value itself, which may be data of users. */
function kindOf(value: unknown): string {
  if (value === undefined) {
    return "missing";
  }
  if (value === null) {
    return "null";
  }
  if (typeof value === "string") {
    return value === "" ? "an empty text" : "a text";
  }
  return Array.isArray(value) ? "a list" : `of the type ${typeof value}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
