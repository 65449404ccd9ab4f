import { describe, expect, it } from "vitest";
import { integer } from "./plain-fields.ts";
import { readFields } from "./read-fields.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { findUnknownVariables } from "./unknown-variables.ts";

const fields = {
  size: integer({ description: "The size", example: "1", alias: "FASTMCP_OTHER_SIZE", required: true }),
};
const read = (variables: Readonly<Record<string, string>>) =>
  readFields(fields, "FASTMCP_P_", environmentOf(variables));

describe("a field with an alias", () => {
  it("is read from it where its own variable is not set", () => {
    const { values, origins } = read({ FASTMCP_OTHER_SIZE: "2" });
    expect(values).toEqual({ size: 2 });
    expect(origins).toEqual([{ variable: "FASTMCP_OTHER_SIZE", source: { kind: "process" }, value: "2" }]);
  });

  it("prefers its own variable, right or wrong", () => {
    expect(read({ FASTMCP_P_SIZE: "1", FASTMCP_OTHER_SIZE: "2" }).values).toEqual({ size: 1 });
    expect(read({ FASTMCP_P_SIZE: "x", FASTMCP_OTHER_SIZE: "2" }).problems).toEqual([
      expect.objectContaining({ variable: "FASTMCP_P_SIZE" }),
    ]);
  });

  it("has its problems named after the variable that is set, or its own when none is", () => {
    expect(read({ FASTMCP_OTHER_SIZE: "x" }).problems).toEqual([
      expect.objectContaining({ variable: "FASTMCP_OTHER_SIZE" }),
    ]);
    expect(read({}).problems).toEqual([expect.objectContaining({ variable: "FASTMCP_P_SIZE" })]);
  });

  it("makes it a known variable", () => {
    const environment = environmentOf({ FASTMCP_OTHER_SIZE: "2" });
    const selected = { title: "P", prefix: "FASTMCP_P_", fields };
    expect(findUnknownVariables(environment, { selected, providers: [selected] })).toEqual([]);
  });
});
