/** One instruction, such as `RUN` and what follows it. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The stages of a Dockerfile, each from its FROM on. */
export function readStages(text: string): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const line of text.split("\n")) {
    const [, name, rest = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === undefined) {
      continue;
    }
    if (name === "FROM") {
      stages.push([]);
    }
    stages.at(-1)?.push({ name, text: rest });
  }
  return stages;
}

/** The words of an instruction in its JSON form, `["node", "x.js"]`, after options such as `--interval=30s CMD`. */
export function commandOf({ text }: Instruction): [string, ...string[]] {
  return JSON.parse(text.slice(text.indexOf("[")));
}

/** Whether a .dockerignore keeps a path out of the image. It knows names, `*`, and a leading `**` and `/`. */
export function createDockerignore(text: string): (file: string) => boolean {
  const patterns = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line
        .replaceAll(".", "\\.")
        .replace("**/", "(.*/)?")
        .replace(/(?<![.)])\*/g, "[^/]*"),
    )
    .map((source) => new RegExp(`^${source}(/|$)`));
  return (file) => patterns.some((pattern) => pattern.test(file));
}
