import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { formatConfigError } from "./report.ts";

const error = new ConfigError([
  { variable: "P_CLIENT_ID", message: "is required. The client id. Example: abc Where: the dashboard > Settings" },
  { message: "Something else is wrong." },
]);
const plain = { stream: { isTTY: false }, processEnv: {} };

describe("the report of a wrong configuration", () => {
  it("has a heading and one block a problem", () => {
    expect(formatConfigError(error, plain)).toBe(
      [
        "The server can't start: 2 problems in the configuration.",
        "",
        "  P_CLIENT_ID",
        "    is required. The client id.",
        "    Example: abc",
        "    Where: the dashboard > Settings",
        "",
        "    Something else is wrong.",
        "",
      ].join("\n"),
    );
    expect(formatConfigError(new ConfigError("One."), plain)).toContain("1 problem in");
  });

  it.each([
    ["a terminal", { isTTY: true }, {}, true],
    ["a pipe", { isTTY: false }, {}, false],
    ["a terminal with NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
    ["a terminal with an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
    ["a pipe with FORCE_COLOR", {}, { FORCE_COLOR: "1" }, true],
    ["a terminal with FORCE_COLOR=0", { isTTY: true }, { FORCE_COLOR: "0" }, false],
  ])("on %s has colours or not", (_where, stream, processEnv, coloured) => {
    expect(formatConfigError(error, { stream, processEnv }).includes("\x1b[")).toBe(coloured);
  });

  it("fits the width of the terminal", () => {
    const long = new ConfigError([{ variable: "P", message: "word ".repeat(60).trim() }]);
    const lines = formatConfigError(long, { stream: { columns: 50 }, processEnv: {} }).split("\n");
    expect(Math.max(...lines.slice(1).map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(lines.join(" ").match(/word/g)).toHaveLength(60);
  });

  it("lets nothing in a message steer the terminal", () => {
    const hostile = new ConfigError([{ variable: "P", message: "names \x1b[2J\x07a\nb\r\x9bc" }]);
    expect(formatConfigError(hostile, plain)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it("shows nothing that looks like a credential, even if a message holds one", () => {
    const careless = new ConfigError("The answer was access_token=abc123");
    expect(formatConfigError(careless, plain)).not.toContain("abc123");
  });
});
