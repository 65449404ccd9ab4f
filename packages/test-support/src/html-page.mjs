/**
 * @typedef {object} Button What a person can press in a form.
 * @property {string} label
 * @property {string | undefined} name
 * @property {string} value
 *
 * @typedef {object} Form
 * @property {string} action As it stands in the page; empty for the page's own URL.
 * @property {string} method `GET` or `POST`.
 * @property {ReadonlyMap<string, string>} fields Of the inputs, with the values they come with.
 * @property {readonly Button[]} buttons
 */

/**
 * The forms of a page. Reads the plain markup that servers send for pages without script.
 *
 * @param {string} markup
 * @returns {Form[]}
 */
export function findForms(markup) {
  return [...markup.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, tag = "", content = ""]) => {
    const { action = "", method = "GET" } = attributes(tag);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gi)].map(([, input = ""]) => attributes(input));
    const buttons = [...content.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gis)];
    return {
      action,
      method: method.toUpperCase(),
      fields: new Map(
        inputs.flatMap(({ name, type = "text", value = "", checked }) => {
          const sent =
            !/^(submit|button|image)$/i.test(type) && (!/^(checkbox|radio)$/i.test(type) || checked !== undefined);
          return name !== undefined && sent ? [[name, value]] : [];
        }),
      ),
      buttons: [
        ...inputs
          .filter(({ type }) => type?.toLowerCase() === "submit")
          .map(({ name, value = "Submit" }) => ({ label: value, name, value })),
        ...buttons.map(([, button = "", label = ""]) => {
          const { name, value = "" } = attributes(button);
          return { label: textOf(label), name, value };
        }),
      ],
    };
  });
}

/**
 * What a person reads, a line for each block of the page.
 *
 * @param {string} markup
 */
export function textOf(markup) {
  const blocks = markup
    .replace(/<(style|script|title)\b.*?<\/\1>/gis, "")
    .replace(/\s+/g, " ")
    .replace(/<\/?(?:p|h\d|div|d[dlt]|ul|li|form|button|main|footer|br)\b[^>]*>/gi, "\n")
    .replace(/<[^>]*>/g, "");
  const lines = decode(blocks).split("\n");
  return lines
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

/**
 * The `<title>`.
 *
 * @param {string} markup
 */
export function titleOf(markup) {
  return textOf(/<title>(.*?)<\/title>/is.exec(markup)?.[1] ?? "");
}

/**
 * Where a page leads by itself (`<meta http-equiv="refresh">`), if it does.
 *
 * @param {string} markup
 * @returns {URL | undefined}
 */
export function refreshOf(markup) {
  const [, content] = /<meta http-equiv="refresh" content="\d+;url=([^"]*)"/i.exec(markup) ?? [];
  return content === undefined ? undefined : new URL(decode(content));
}

/**
 * @param {string} tag
 * @returns {Record<string, string>}
 */
function attributes(tag) {
  const found = tag.matchAll(/([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi);
  return Object.fromEntries(
    [...found].map(([, name = "", double, single, bare]) => [
      name.toLowerCase(),
      decode(double ?? single ?? bare ?? ""),
    ]),
  );
}

/** @type {Readonly<Record<string, string>>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** @param {string} text */
function decode(text) {
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (entity, name) => {
    if (!name.startsWith("#")) {
      return ENTITIES[name] ?? entity;
    }
    const hex = name[1] === "x" || name[1] === "X";
    return String.fromCodePoint(Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10));
  });
}
