import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseUrl } from "./url.ts";

/** Calls that make V8 optimize what they call. */
const MANY = 200_000;

describe("parseUrl", () => {
  it("gives a URL, or undefined for what is none", () => {
    expect(parseUrl("https://bücher.de")?.href).toBe("https://xn--bcher-kva.de/");
    expect(parseUrl("../a", "https://x.example/b/c")?.href).toBe("https://x.example/a");
    expect(parseUrl("no URL")).toBeUndefined();
  });

  it("goes on doing so once it is optimized", () => {
    for (let count = 0; count < MANY; count++) {
      parseUrl(`https://x.example/${count % 7}`);
    }
    expect(parseUrl("https://bücher.de/é")?.href).toBe("https://xn--bcher-kva.de/%C3%A9");
  });

  it("stands for URL.canParse everywhere, which does not", () => {
    const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
    const sources = files.filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing"),
    );
    const using = sources.filter((file) =>
      /URL\.canParse\(/.test(readFileSync(join(import.meta.dirname, file), "utf8")),
    );
    expect(using).toEqual([]);
  });
});
