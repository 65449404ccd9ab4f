/**
 * A function that says whether a .gitignore covers a path. It knows the plain patterns that templates use: a name, `*`
 * in it, a leading or a trailing `/`.
 *
 * @param {string} text
 * @returns {(path: string, isDirectory: boolean) => boolean}
 * @throws Error for a pattern beyond these, so that none is silently ignored.
 */
export function createIgnore(text) {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(toRule);
  return (path, isDirectory) => {
    let ignored = false;
    for (const { pattern, directoriesOnly, negated } of rules) {
      if ((isDirectory || !directoriesOnly) && pattern.test(path)) {
        ignored = !negated;
      }
    }
    return ignored;
  };
}

/** @param {string} line */
function toRule(line) {
  const negated = line.startsWith("!");
  const [, anchor, name, slash] = /^!?(\/?)([\w.*@/-]+?)(\/?)$/.exec(line) ?? [];
  if (name === undefined || name.includes("**")) {
    throw new Error(`This .gitignore pattern is not understood: ${line}`);
  }
  const source = name.replaceAll(".", "\\.").replaceAll("*", "[^/]*");
  const anchored = anchor === "/" || name.includes("/");
  return { pattern: new RegExp(`${anchored ? "^" : "(^|/)"}${source}$`), directoriesOnly: slash === "/", negated };
}
