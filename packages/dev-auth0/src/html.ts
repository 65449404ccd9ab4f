/** Markup that is safe to send as it stands. Made by {@link html} only. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** A template whose values are text, escaped, unless they are {@link Html} themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  return new Html(parts.reduce((markup, part, index) => `${markup}${toMarkup(values[index - 1] ?? "")}${part}`));
}

function toMarkup(value: string | Html | readonly Html[]): string {
  if (value instanceof Html) {
    return value.markup;
  }
  if (typeof value === "string") {
    return escapeText(value);
  }
  return value.map((entry) => entry.markup).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
