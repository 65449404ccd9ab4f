import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "./support/scaffolder.ts";

describe("links between the documents", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md"].concat(
    readdirSync(path.join(repository, "docs"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.join("docs", file)),
  );

  it.each(documents)("%s links to files that there are", (document) => {
    const text = readFileSync(path.join(repository, document), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      const target = path.join(repository, path.dirname(document), link);
      expect(existsSync(target), link).toBe(true);
    }
  });
});
