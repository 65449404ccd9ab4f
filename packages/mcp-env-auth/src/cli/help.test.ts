import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { commands } from "./run-command-line.ts";

const page = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8");

describe("docs/cli.md", () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    "has a section about %s with all of its options and no other",
    (name, { options }) => {
      const [, section = ""] = page.split(`\n## ${name}\n`);
      const named = new Set(section.split("\n## ")[0]?.match(/(?<=`)--[a-z]+/g) ?? []);
      expect([...named].sort()).toEqual(
        Object.keys(options)
          .map((option) => `--${option}`)
          .sort(),
      );
    },
  );
});
