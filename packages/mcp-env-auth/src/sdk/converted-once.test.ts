import { createMcpHandler } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { silentLogger } from "../logger.ts";
import type { Schema } from "../server/offer/registration-types.ts";
import { Registrations } from "../server/offer/registrations.ts";
import { offerOf } from "../server/testing/offer.ts";
import { convertedOnce } from "./converted-once.ts";
import { maskedValidation } from "./masked-validation.ts";

/** A schema that counts how often its JSON Schema is made. */
function counting(schema: Schema) {
  const counts = { input: 0, output: 0 };
  const { jsonSchema, ...standard } = schema["~standard"];
  const counted = (io: "input" | "output") => (options: Parameters<typeof jsonSchema.input>[0]) => {
    counts[io] += 1;
    return jsonSchema[io](options);
  };
  const own = { ...standard, jsonSchema: { input: counted("input"), output: counted("output") } };
  return { schema: { "~standard": own } as Schema, counts };
}

const shape = z.object({ city: z.string(), days: z.number().default(1) });

describe("a schema that is converted once", () => {
  it("is what it was, in what it accepts and in its JSON Schema", async () => {
    const converted = convertedOnce(shape) as Schema;
    const validate = converted["~standard"].validate;
    expect(await validate({ city: "Paris" })).toEqual({ value: { city: "Paris", days: 1 } });
    expect(await validate({})).toHaveProperty("issues");
    for (const io of ["input", "output"] as const) {
      const options = { target: "draft-2020-12" as const };
      expect(converted["~standard"].jsonSchema[io](options)).toEqual(shape["~standard"].jsonSchema[io](options));
    }
  });

  it("is shared by all requests, and none can change it for the next", () => {
    const { jsonSchema } = (convertedOnce(shape) as Schema)["~standard"];
    const made = jsonSchema.input({ target: "draft-07" });
    expect(Object.isFrozen(made) && Object.isFrozen(made.properties)).toBe(true);
    expect(jsonSchema.input({ target: "draft-07" })).toBe(made);
  });

  it("keeps apart what different versions of JSON Schema ask for", () => {
    const { jsonSchema } = (convertedOnce(shape) as Schema)["~standard"];
    const drafts = (["draft-2020-12", "draft-07"] as const).map((target) => jsonSchema.input({ target }).$schema);
    expect(new Set(drafts).size).toBe(2);
  });

  it.each([undefined, { city: z.string() }, { "~standard": { version: 1, vendor: "x", validate() {} } }])(
    "is left as it is when it makes none: %j",
    (schema) => {
      expect(convertedOnce(schema)).toBe(schema);
      expect(maskedValidation(schema, "The tool x: its inputSchema", silentLogger)).toBe(schema);
    },
  );

  it("may be of zod 4.1, which the SDK converts itself", async () => {
    const { jsonSchema: _jsonSchema, ...own } = shape["~standard"];
    const older = Object.create(shape, { "~standard": { value: own } }) as Schema;
    const registrations = new Registrations();
    registrations.addTool("tool", { inputSchema: older }, () => "x");
    const handler = createMcpHandler(offerOf(registrations).build);
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const request = new Request("http://localhost/mcp", { method: "POST", headers });
    const parsedBody = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
    expect(await (await handler.fetch(request, { parsedBody })).text()).toContain('"city":{"type":"string"}');
  });

  it("is converted once for all calls and lists of a process", async () => {
    const input = counting(shape);
    const output = counting(shape);
    const registrations = new Registrations();
    const config = { inputSchema: input.schema, outputSchema: output.schema };
    registrations.addTool("tool", config, (given) => given as { city: string; days: number });
    const handler = createMcpHandler(offerOf(registrations).build);
    for (const method of ["tools/call", "tools/list", "tools/call", "tools/list", "tools/call"]) {
      const parsedBody = { jsonrpc: "2.0", id: 1, method, params: { name: "tool", arguments: { city: "Paris" } } };
      const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
      const request = new Request("http://localhost/mcp", { method: "POST", headers });
      const answer = await (await handler.fetch(request, { parsedBody })).text();
      expect(answer).toContain(method === "tools/call" ? '"structuredContent":{"city":"Paris","days":1}' : '"tool"');
    }
    expect([input.counts, output.counts]).toEqual([
      { input: 1, output: 0 },
      { input: 0, output: 1 },
    ]);
  });
});
