import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as z3 from "zod/v3";
import { ConfigError } from "../../errors.ts";
import { silentLogger } from "../../logger.ts";
import { createServer } from "../../server.ts";
import { offerOf } from "../testing/offer.ts";
import { isPlainZodObject } from "./plain-zod.ts";
import { Registrations } from "./registrations.ts";
import { findSchemaFault } from "./schema-faults.ts";

const standard = (vendor: string, extra: object = {}) => ({
  "~standard": { version: 1, vendor, validate: () => ({ value: {} }), ...extra },
});

/** What a start says of a tool with these fields. */
function problemOf(config: object): string {
  const registrations = new Registrations();
  registrations.addTool("forecast", config, () => "x");
  try {
    offerOf(registrations);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return "";
}

describe("a schema that can't be listed", () => {
  it.each([
    ["a date", { inputSchema: z.object({ at: z.date() }) }, "inputSchema, at `at`", "z.iso.datetime()"],
    [
      "a date in a list",
      { inputSchema: z.object({ days: z.array(z.object({ at: z.date().optional() })) }) },
      "`days[].at`",
      "z.iso",
    ],
    ["a date in the result", { outputSchema: z.object({ at: z.coerce.date() }) }, "outputSchema, at `at`", "z.iso"],
    ["a date in a union", { inputSchema: z.object({ when: z.union([z.string(), z.date()]) }) }, "`when`", "z.iso"],
    ["a date in a tuple", { inputSchema: z.object({ span: z.tuple([z.string(), z.date()]) }) }, "`span[1]`", "z.iso"],
    ["a date in a record", { inputSchema: z.object({ days: z.record(z.string(), z.date()) }) }, "`days[]`", "z.iso"],
    ["a BigInt", { inputSchema: z.object({ n: z.bigint() }) }, "`n`", "z.int()"],
    ["a Map", { inputSchema: z.object({ m: z.map(z.string(), z.string()) }) }, "`m`", "a type that JSON has"],
    ["a transform in the result", { outputSchema: z.object({ n: z.string().transform(Number) }) }, "`n`", "pipe"],
    [
      "a check of the author's own type",
      { inputSchema: z.object({ f: z.custom<() => void>() }) },
      "`f`",
      "a type that JSON has",
    ],
    [
      "an id that is taken twice",
      {
        inputSchema: z.object({
          a: z.string().meta({ id: "taken" }),
          b: z.object({ c: z.number().meta({ id: "taken" }) }),
        }),
      },
      "inputSchema",
      "taken",
    ],
    ["a default that is a BigInt", { inputSchema: z.object({ n: z.any().default(1n) }) }, "`n`", "BigInt"],
    ["a text as arguments", { inputSchema: z.string() }, "inputSchema", "arguments are an object"],
    ["zod 3", { inputSchema: z3.object({ city: z3.string() }) }, "inputSchema", "zod 4.2"],
    ["zod 3 in members", { inputSchema: { city: z3.string() } }, "inputSchema, at `city`", "zod 4.2"],
    ["a date in members", { inputSchema: { at: z.date() } }, "inputSchema, at `at`", "z.iso"],
    ["valibot without JSON Schema", { inputSchema: standard("valibot") }, "inputSchema", "@valibot/to-json-schema"],
    ["an old arktype", { inputSchema: standard("arktype") }, "inputSchema", "arktype 2.1.28"],
    ["another library", { inputSchema: standard("effect") }, "inputSchema", "effect"],
    ["a string", { inputSchema: "{ city: string }" }, "inputSchema", "it is a string"],
    ["null", { inputSchema: null }, "inputSchema", "it is null"],
    ["a class", { inputSchema: Date }, "inputSchema", "it is a function"],
    ["a list", { inputSchema: ["city"] }, "inputSchema", "it is a list"],
    ["JSON Schema", { inputSchema: { type: "object", properties: {} } }, "inputSchema", "fromJsonSchema"],
    ["members that are no schemas", { inputSchema: { city: "string" } }, "inputSchema, at `city`", "not a schema"],
    [
      "a schema that can't validate",
      { inputSchema: { "~standard": { version: 1, vendor: "x" } } },
      "inputSchema",
      "validate()",
    ],
    ["a description that is a number", { description: 7 }, "description", "a text"],
    ["annotations that are a text", { annotations: "readOnly" }, "annotations", "an object"],
    ["icons that are an object", { icons: {} }, "icons", "a list"],
    ["_meta with a BigInt", { _meta: { n: 1n } }, "`_meta.n`", "a BigInt"],
  ])("ends the start with the tool, the field and what to do: %s", (_what, config, where, remedy) => {
    const problem = problemOf(config);
    expect(problem).toContain("The tool forecast: ");
    expect(problem).toContain(where);
    expect(problem).toContain(remedy);
  });

  it("is named for a prompt", () => {
    const registrations = new Registrations();
    registrations.addPrompt("pack", { argsSchema: z.object({ at: z.date() }) }, () => "x");
    expect(() => offerOf(registrations)).toThrow("The prompt pack: argsSchema, at `at`");
  });

  it("is named with all others at once", () => {
    const registrations = new Registrations();
    registrations.addTool("a", { inputSchema: z.object({ at: z.date() }) }, () => "x");
    registrations.addTool("b", { outputSchema: z.object({ n: z.bigint() }) as never }, () => ({ n: 1n }) as never);
    expect(() => offerOf(registrations)).toThrow(/The tool a: .*\n.*The tool b: /);
  });
});

describe("a schema that can be listed", () => {
  const lazy: z.ZodType = z.object({ children: z.array(z.lazy(() => lazy)).optional() });

  it.each([
    ["nothing", undefined],
    ["members", { city: z.string() }],
    ["no members", {}],
    ["one that refers to itself", z.object({ tree: lazy })],
    ["a transform of an argument", z.object({ n: z.string().transform(Number) })],
    [
      "a union of objects",
      z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
    ],
    [
      "JSON Schema in a library's words",
      standard("own", { jsonSchema: { input: () => ({ type: "object" }), output: () => ({}) } }),
    ],
    ["zod 4.1", { _zod: {}, ...standard("zod") }],
  ])("is: %s", (_what, inputSchema) => {
    expect(problemOf({ inputSchema })).toBe("");
  });

  it("of a result may be anything that JSON has", () => {
    expect(problemOf({ outputSchema: z.array(z.string()) })).toBe("");
    expect(problemOf({ outputSchema: z.string() })).toBe("");
  });
});

describe("what is not converted at the start", () => {
  const leaf = fc.constantFrom<z.ZodType>(
    z.string(),
    z.email(),
    z.iso.datetime(),
    z.number().int().min(1),
    z.boolean(),
    z.null(),
    z.any(),
    z.unknown(),
    z.enum(["a", "b"]),
    z.literal(["a", 1, true, null]),
    z.date(),
    z.bigint(),
    z.undefined(),
    z.nan(),
    z.map(z.string(), z.string()),
    z.file(),
    z.symbol(),
    z.literal([undefined]),
    z.string().transform(Number),
    z.custom(),
    z.string().default(() => "made"),
    z.any().default(1n),
    z.stringbool(),
    z.string().describe("described"),
    z.any().meta({ bad: 1n }),
    z.string().catch(() => {
      throw new Error("x");
    }),
    z.templateLiteral(["a", z.string()]),
  );
  const { schema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema")).map((shape) => z.object(shape)),
      tie("schema").map((inner) => z.array(inner)),
      tie("schema").map((inner) => inner.optional()),
      tie("schema").map((inner) => inner.nullable().describe("x")),
      tie("schema").map((inner) => inner.readonly()),
      tie("schema").map((inner) => z.record(z.string(), inner)),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((options) => z.union(options as [z.ZodType])),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((items) => z.tuple(items as [z.ZodType])),
    ),
  }));

  it("can be converted", () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b"), schema), (shape) => {
        const made = z.object(shape);
        if (isPlainZodObject(made)) {
          plain += 1;
          for (const io of ["input", "output"] as const) {
            JSON.stringify(made["~standard"].jsonSchema[io]({ target: "draft-2020-12" }));
          }
        } else {
          findSchemaFault(made, "input");
        }
      }),
      { numRuns: 500 },
    );
    expect(plain).toBeGreaterThan(20);
  });

  it("is what most tools have", () => {
    const usual = z.object({
      city: z.string().describe("A city"),
      days: z.int().min(1).max(7).default(3),
      tags: z.array(z.string()).optional(),
    });
    expect(isPlainZodObject(usual)).toBe(true);
    expect(isPlainZodObject(z.object({ at: z.date() }))).toBe(false);
  });
});

describe("a name", () => {
  const add = (name: unknown) => () => new Registrations().addTool(name as string, {}, () => "x");

  it.each(["get weather", "get/weather", "wetter_für_oslo", "a,b", "x".repeat(129), "weather!", "☀"])(
    "that clients refuse is refused: %s",
    (name) => {
      expect(add(name)).toThrow(/^The tool ".*" has a name that clients refuse: it may have 1 to 128 /);
    },
  );

  it("that is refused comes with one that is not", () => {
    expect(add("get weather!")).toThrow("Call it get_weather, and");
  });

  it.each(["", undefined, 7, null])("must be a text: %j", (name) => {
    expect(add(name)).toThrow("A tool is registered without a name");
  });

  it("that some clients refuse is a warning", () => {
    const lines: string[] = [];
    const registrations = new Registrations();
    for (const name of ["get_weather", "weather.get", "x".repeat(65)]) {
      registrations.addTool(name, {}, () => "x");
    }
    offerOf(registrations, { logger: { ...silentLogger, warn: (_fields, message) => void lines.push(message) } });
    expect(lines).toEqual([expect.stringContaining(`weather.get, ${"x".repeat(65)}. Use _`)]);
  });
});

describe("the URI of a resource", () => {
  const add = (uri: string) => () => new Registrations().addResource("city", uri, {}, () => "x");

  it.each(["weather://{id}", "weather://cities/{id}/days", "weather://x{?page}", "https://example.com/{+path}"])(
    "with braces is told to be a template: %s",
    (uri) => {
      expect(add(uri)).toThrow(/\{[^}]+\} is text and stands for nothing\. For a template, .*new ResourceTemplate\("/);
    },
  );

  it("may have braces that are encoded", () => {
    expect(add("weather://%7Bid%7D")).not.toThrow();
  });
});

describe("a server", () => {
  it.each([
    [undefined, "a name and a version"],
    [{}, "a name and a version"],
    [{ name: "Weather" }, "a version"],
    [{ name: "Weather", version: 1 }, "a version"],
    [{ name: " ", version: "1" }, "a name"],
  ])("needs a name and a version, also without types: %j", (options, missing) => {
    expect(() => createServer(options as never)).toThrow(`createServer() needs ${missing}, as text.`);
  });
});
