/** Where an expression may end outside of brackets: after a cast, its type. */
const END_OF_TYPE = /^(?:[;,)\]}?:]|=(?!>)|&&|\|\||\?\?)/;
const OPEN = "([{<";
const CLOSE = ")]}>";

const CHANGES: readonly RegExp[] = [
  // A member of an object is replaced, or taken away.
  /(?<![\w.#])((?:\w+\.)+\w+ (?:\?\?|\|\||&&)?=)(?![=>])/g,
  /(\bdelete [\w.[\]]+)/g,
  /(\bObject\.(?:assign|defineProperty|defineProperties|setPrototypeOf)\([\w.]+)/g,
  /(\bReflect\.(?:set|defineProperty|deleteProperty|setPrototypeOf)\([\w.]+)/g,
  /(\b\w+\.prototype\.\w+|\b__proto__\b)/g,
  // A class of the SDK's is extended, or one of its interfaces filled.
  /\bclass \w+(?:<[^>]*>)? ((?:extends|implements) [\w.]+)/g,
  /\b(override (?:async |readonly |get |set )*\w+)/g,
  // What the compiler would have said is left unsaid.
  /(@ts-(?:ignore|expect-error|nocheck))/g,
  /(?:[=(,:]|return|=>)\s*(<[A-Z][\w<>,. ]*>)\w/g,
  /(\w+!)[.;,)\]]/g,
];

/**
 * Everything in a source that the compiler can't hold to the SDK's types, or that changes an object which this source
 * did not make: casts, replaced members, overrides, prototypes; and the values that it imports from the SDK. What
 * stands twice is there twice.
 */
export function sdkTouches(source: string): string[] {
  const code = source
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/^(\s*)\/\/(?!.*@ts-).*$/gm, "$1")
    .replace(/\s\/\/ (?!@ts-).*$/gm, "");
  const imports = [...code.matchAll(/^import (?!type\b)\{([^}]*)\} from "@modelcontextprotocol\/[^"]*";/gm)]
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => `import ${name}`);
  const dynamic = [...code.matchAll(/import\("@modelcontextprotocol\/[^"]*"\)/g)].map(([found]) => found);
  // Quoted text is no code.
  const body = code
    .replace(/^import [^;]*;/gm, "")
    .replace(/^export \{[^;]*;/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const changes = CHANGES.flatMap((pattern) => [...body.matchAll(pattern)].map(([, found = ""]) => found));
  return [...imports, ...dynamic, ...castsIn(body), ...changes].sort();
}

function castsIn(code: string): string[] {
  const casts: string[] = [];
  for (const { index } of code.matchAll(/(?<=[\w)\]}"'`] )as (?!const\b)/g)) {
    let depth = 0;
    let end = index;
    for (; end < code.length; end += 1) {
      const char = code.charAt(end);
      if (depth === 0 && (END_OF_TYPE.test(code.slice(end)) || /^\n\s*[.}]/.test(code.slice(end)))) {
        break;
      }
      if (OPEN.includes(char)) {
        depth += 1;
      }
      if (CLOSE.includes(char) && code.slice(end - 1, end + 1) !== "=>") {
        depth -= 1;
      }
    }
    casts.push(code.slice(index, end).replace(/\s+/g, " ").trim());
  }
  // Of `a as unknown as B`, the second half.
  return casts.filter((cast, index) => !casts[index - 1]?.endsWith(`as unknown ${cast}`));
}
