import { describe, expect, it } from "vitest";
import { readPresentedToken } from "./presented-token.ts";

const read = (...values: string[]) => present(...values)?.token;

const present = (...values: string[]) => readPresentedToken(values.length === 0 ? undefined : values);

describe("Security rule 9: only the Authorization header counts, once", () => {
  it.each(["Bearer abc.def-_~+/==", "bearer abc", "BEARER  abc "])("reads the token of %j", (header) => {
    expect(read(header)).toMatch(/^abc/);
  });

  it("finds none without the header, or with another scheme", () => {
    expect(read()).toBeUndefined();
    expect(read("Basic YTpi")).toBeUndefined();
    expect(read("BearerX abc")).toBeUndefined();
  });

  it("refuses a repeated header", () => {
    expect(() => read("Bearer a", "Bearer b")).toThrowError(expect.objectContaining({ code: "invalid_request" }));
  });

  it.each(["Bearer", "Bearer ", "Bearer a b", "Bearer a,Bearer b", 'Bearer "a"', "Bearer é"])(
    "refuses %j",
    (header) => {
      expect(() => read(header)).toThrowError(expect.objectContaining({ code: "invalid_token" }));
    },
  );
});
