import { describe, expect, it } from "vitest";
import { ToolError } from "../errors.ts";
import { silentLogger } from "../logger.ts";
import { maskError } from "./error-masking.ts";

describe("a handler's error", () => {
  it("is told to the user when it is a ToolError", () => {
    expect(maskError(new ToolError("No such city."), "The tool x", silentLogger)).toBe("No such city.");
  });

  it("is masked otherwise, under a reference that the log has too", () => {
    const lines: unknown[] = [];
    const message = maskError(new Error("password=hunter2"), "The tool x", {
      ...silentLogger,
      error: (fields) => void lines.push(fields),
    });
    expect(message).not.toContain("hunter2");
    const { reference, err } = lines[0] as { reference: string; err: Error };
    expect(message).toContain(reference);
    expect(err.message).toBe("password=hunter2");
  });
});
