/** A member of an object that JSON.parse would lose without a word. */
export interface LostMember {
  /** As in `$.tools.save_place`. */
  readonly path: string;
  readonly reason: "repeated" | "unusable";
}

/**
 * Finds what `JSON.parse` hides in a text that it takes: of members with one name it keeps the last (RFC 8259 section 4
 * leaves open which), and one named `__proto__` is no good to most code.
 *
 * @param text valid JSON.
 */
export function lostMembers(text: string): readonly LostMember[] {
  const lost: LostMember[] = [];
  const open: { readonly path: string; readonly names: Set<string> | undefined; index: number; name: string }[] = [];
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g);
  let last: string | undefined;
  const here = () => {
    const top = open.at(-1);
    if (top === undefined) {
      return "$";
    }
    return top.names === undefined ? `${top.path}[${top.index}]` : `${top.path}${memberPath(top.name)}`;
  };
  for (const [token] of tokens) {
    const top = open.at(-1);
    if (token === "{" || token === "[") {
      open.push({ path: here(), names: token === "{" ? new Set() : undefined, index: 0, name: "" });
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === "," && top !== undefined) {
      top.index += 1;
    } else if (token === ":" && top?.names !== undefined && last !== undefined) {
      top.name = JSON.parse(last) as string;
      if (top.name === "__proto__") {
        lost.push({ path: here(), reason: "unusable" });
      } else if (top.names.has(top.name)) {
        lost.push({ path: here(), reason: "repeated" });
      }
      top.names.add(top.name);
    }
    last = token;
  }
  return lost;
}

/** Where something is in a JSON document, as in `$.tools["save-place"].roles[0]`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : memberPath(String(step)))).join("")}`;
}

function memberPath(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
