import { inputRequired } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createServer } from "../../server.ts";

const server = createServer({ name: "types", version: "1" });
const add = server.registerTool.bind(server);
interface City {
  readonly name: string;
  readonly visited?: Date | undefined;
}
const oslo: City = { name: "Oslo", visited: new Date(0) };
const outputSchema = z.object({ high: z.number() });
const inputSchema = z.object({ city: z.string() });

/** What the compiler takes and refuses: nothing here runs. */
const compiled = () => {
  server.registerTool("text", {}, () => "sunny");
  server.registerTool("later", {}, async () => "sunny");
  server.registerTool("data", {}, () => ({ days: [{ high: 7, low: null, note: undefined }], more: true }));
  server.registerTool("interface", {}, () => oslo);
  server.registerTool("list", { inputSchema }, async ({ city }) => [{ ...oslo, name: city.toUpperCase() }]);
  server.registerTool("any", {}, async () => JSON.parse("{}"));
  server.registerTool("unknown", {}, () => JSON.parse("{}") as unknown);
  server.registerTool("result", {}, () => ({ content: [{ type: "text", text: "x" }], isError: true }));
  server.registerTool("asks", {}, () => inputRequired({ inputRequests: { roots: inputRequired.listRoots() } }));
  server.registerTool("perhaps", { inputSchema }, ({ city }) =>
    city === "" ? inputRequired({ inputRequests: { roots: inputRequired.listRoots() } }) : city,
  );
  server.registerTool("either", { inputSchema }, ({ city }) => (city === "" ? "none" : { city }));
  server.registerTool("typed", { outputSchema }, () => ({ high: 7 }));
  server.registerTool("full", { outputSchema }, () => ({ content: [], structuredContent: { high: 7 } }));
  server.registerTool("date", {}, () => ({ at: new Date(0), url: new URL("x://y"), bytes: Buffer.from("x") }));

  // @ts-expect-error a forgotten return
  server.registerTool("nothing", {}, () => {});
  // @ts-expect-error the same, async
  server.registerTool("nothing-later", {}, async () => {});
  // @ts-expect-error a forgotten return in one branch
  server.registerTool("sometimes", { inputSchema }, ({ city }) => (city === "" ? undefined : city));
  // @ts-expect-error a Map
  server.registerTool("map", {}, () => new Map([["a", 1]]));
  // @ts-expect-error a Set inside
  server.registerTool("set", {}, () => ({ tags: new Set(["a"]) }));
  // @ts-expect-error a Promise inside
  server.registerTool("promise", {}, () => ({ days: [Promise.resolve(1)] }));
  // @ts-expect-error a BigInt
  server.registerTool("bigint", {}, () => ({ id: 1n }));
  // @ts-expect-error a function
  server.registerTool("function", {}, () => ({ next: () => 1 }));
  // @ts-expect-error an Error
  server.registerTool("error", {}, () => new Error("x"));
  // @ts-expect-error another type than the schema's
  server.registerTool("wrong", { outputSchema }, () => ({ high: "7" }));
  // @ts-expect-error nothing, where there is a schema
  server.registerTool("none", { outputSchema }, () => {});
  // @ts-expect-error a prompt that returns nothing
  server.registerPrompt("none", {}, () => {});
};

describe("what a tool may return", () => {
  it("is known to the compiler", () => {
    expect(add).toBeTypeOf("function");
    expect(compiled).toBeTypeOf("function");
  });
});
