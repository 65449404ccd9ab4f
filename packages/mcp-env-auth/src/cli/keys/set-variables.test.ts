import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../env/dotenv.ts";
import { setVariables } from "./set-variables.ts";

const set = (text: string, values: Readonly<Record<string, string | undefined>>) =>
  setVariables(text, new Map(Object.entries(values)));

describe("a .env whose variables are set", () => {
  it("keeps comments, order, spaces, export and what comes behind a value", () => {
    const text = "# First\nexport KEY = 'old' # why\n\nOTHER=1\n";
    expect(set(text, { KEY: "new" })).toBe("# First\nexport KEY = new # why\n\nOTHER=1\n");
  });

  it("changes the assignment that counts, in whatever case it is written", () => {
    expect(set("KEY=1\nkey=2\n", { KEY: "3" })).toBe("KEY=1\nkey=3\n");
  });

  it("sets a name that has no value", () => {
    expect(set("KEY\nA=1\n", { KEY: "3" })).toBe("KEY=3\nA=1\n");
    expect(set("KEY=\nA=1\n", { KEY: "3" })).toBe("KEY=3\nA=1\n");
  });

  it("adds what is missing behind its neighbor, or at the end", () => {
    expect(set("A=1\nB=2", { A: "x", NEW: "y" })).toBe("A=x\nNEW=y\nB=2");
    expect(set("B=2", { NEW: "y" })).toBe("B=2\nNEW=y\n");
    expect(set("A=1", { A: "x", NEW: "y" })).toBe("A=x\nNEW=y\n");
    expect(set("", { NEW: "y" })).toBe("NEW=y\n");
  });

  it("takes a variable away wherever it is assigned", () => {
    expect(set("A=1\nKEY=1\nB=2\nkey=3\n", { KEY: undefined })).toBe("A=1\nB=2\n");
  });

  it("keeps the byte order mark and the line breaks of Windows", () => {
    expect(set("\uFEFFA=1\r\nB=2\r\n", { A: "x", NEW: "y" })).toBe("\uFEFFA=x\r\nNEW=y\r\nB=2\r\n");
  });

  it.each(["plain", "it's", 'say "x"', "a b#c", '["one","it\'s"]', "back\\slash", " ends "])(
    "reads back as %s",
    (value) => {
      const text = set("KEY=1\nREST=2\n", { KEY: value });
      expect(Object.fromEntries(parseDotenv(text).values)).toEqual({ KEY: value, REST: "2" });
    },
  );
});
