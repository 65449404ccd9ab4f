// A copy of packages/mcp-env-auth/src/pages/html.ts, which `node scripts/generate-docs.mjs` writes.

/** Markup that is safe to send: literals of ours, and escaped text. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | number | Html | readonly Html[] | undefined;

/** A template literal whose values are escaped, unless they are {@link Html} already. `undefined` leaves nothing. */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(literals.reduce((text, literal, index) => text + render(values[index - 1]) + literal));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

function render(part: Part): string {
  if (part === undefined) {
    return "";
  }
  if (typeof part === "string" || typeof part === "number") {
    return String(part).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? "");
  }
  return part instanceof Html ? part.markup : part.map(({ markup }) => markup).join("");
}
