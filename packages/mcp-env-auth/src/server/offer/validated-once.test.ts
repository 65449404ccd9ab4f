import { setImmediate } from "node:timers/promises";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import * as mini from "zod/mini";
import { completable } from "../../sdk/handler-tools.ts";
import { offerOf } from "../testing/offer.ts";
import { Registrations } from "./registrations.ts";
import { validatedOnce } from "./validated-once.ts";

/** As a look-up that fails: what nobody waits for by then ends the process. */
async function fails(): Promise<never> {
  await setImmediate();
  throw new Error("the database is gone");
}

function unheardRejections(): unknown[] {
  const unheard: unknown[] = [];
  const note = (reason: unknown) => void unheard.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  return unheard;
}

const city = z.string().max(20);
const FAILING: Readonly<Record<string, z.ZodType>> = {
  "a refinement of an object": z.object({ city }).refine(fails),
  "a refinement of a member": z.object({ city: city.refine(fails) }),
  "a refinement in a list": z.object({ city, all: z.array(city.refine(fails)).prefault(["x", "y"]) }),
  "a check": z.object({ city: city.check(fails) }),
  "a transform": z.object({ city: city.transform((text) => fails().then(() => text)).pipe(z.string()) }),
  "what is behind a default and a union": z.object({ city: z.union([city.superRefine(fails), z.number()]) }),
  "a member that refers to itself": z.object({ city: z.lazy(() => city.refine(fails)) }),
  "both sides": z.intersection(z.object({ city }), z.object({ city: city.refine(fails) })),
};

describe("a schema whose own code rejects", () => {
  it.each(Object.keys(FAILING))("leaves no promise that nobody waits for: %s", async (what) => {
    const unheard = unheardRejections();
    const validated = validatedOnce(FAILING[what], "It");
    await expect(validated?.["~standard"].validate({ city: "Oslo" })).rejects.toThrow("the database is gone");
    await setImmediate();
    await setImmediate();
    expect(unheard).toEqual([]);
  });

  it.each([
    ["tools/call", "inputSchema"],
    ["tools/call", "outputSchema"],
    ["prompts/get", "argsSchema"],
  ])("is masked at %s, and ends nothing: %s", async (method, field) => {
    const unheard = unheardRejections();
    const registrations = new Registrations();
    const schema = FAILING["a refinement of a member"] as never;
    if (method === "prompts/get") {
      registrations.addPrompt("asks", { argsSchema: schema }, () => "x");
    } else {
      registrations.addTool("asks", { [field]: schema }, () => ({ city: "Oslo" }));
    }
    const { build } = offerOf(registrations);
    const params = { name: "asks", arguments: { city: "Oslo" } };
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const request = new Request("http://localhost/mcp", { method: "POST", headers });
    const answer = await createMcpHandler(build).fetch(request, {
      parsedBody: { jsonrpc: "2.0", id: 1, method, params },
    });
    expect(await answer.text()).toContain("Something went wrong in the server.");
    await setImmediate();
    expect(unheard).toEqual([]);
  });
});

describe("a schema that is validated once", () => {
  it("runs its code once for each value", async () => {
    let runs = 0;
    const counted = z.object({ city: z.string().refine(async () => ++runs > 0) });
    await validatedOnce(counted, "It")["~standard"].validate({ city: "Oslo" });
    expect(runs).toBe(1);
  });

  it.each([
    ["zod", z.object({ city: z.string().refine(async (text) => text.length > 2, "too short") })],
    ["zod/mini", mini.object({ city: mini.string().check(mini.refine(async (text) => text.length > 2, "too short")) })],
  ])("finds what it found: %s", async (_what, schema) => {
    const validated = validatedOnce(schema, "It");
    expect(validated).not.toBe(schema);
    for (const value of [{ city: "Oslo", more: 1 }, { city: "A" }, { city: 7 }, "x", undefined]) {
      const expected = await schema["~standard"].validate(value);
      expect(await validated["~standard"].validate(value)).toEqual(expected);
    }
  });

  it("keeps its JSON Schema, and the members that can be completed", () => {
    const schema = z.object({
      city: completable(
        z.string().refine(async () => true),
        () => ["Oslo"],
      ),
    });
    const validated = validatedOnce(schema, "It");
    const options = { target: "draft-2020-12" } as const;
    expect(validated["~standard"].jsonSchema.input(options)).toEqual(schema["~standard"].jsonSchema.input(options));
    expect(validated.shape).toBe(schema.shape);
    expect(validated).toBeInstanceOf(z.ZodObject);
  });

  it("is left as it is where it has no code of its own", () => {
    const plain = z.object({ city: z.string().trim().min(1), days: z.int().max(7).optional() });
    expect(validatedOnce(plain, "It")).toBe(plain);
    expect(validatedOnce(undefined, "It")).toBeUndefined();
    const raw = { city: z.string() };
    expect(validatedOnce(raw, "It")).toBe(raw);
  });
});
