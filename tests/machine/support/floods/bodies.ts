/** Every kind of body that is as large as the limits allow, from somebody who has logged in. */

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

const FOUR_MEGABYTES = 4_190_000;

const message = (method: string, params: object) => ({ jsonrpc: "2.0", id: 1, method, params });
const call = (name: string, given: object, meta?: object) =>
  message("tools/call", { name, arguments: given, ...(meta && { _meta: meta }) });
const named = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
const filled = <Item>(count: number, item: Item): Item[] => Array(count).fill(item);
const batch = (one: object) => filled(100, one).map((message, id) => ({ ...message, id }));

/** A call whose argument is written as `json`. */
const written = (json: string) => JSON.stringify(call("list_saved_places", { a: "@" })).replace('"@"', () => json);

const MESSAGES: Readonly<Record<string, unknown>> = {
  "40,000 numbers": call("list_saved_places", { a: filled(40_000, 1) }),
  "empty objects": call("list_saved_places", { a: filled(24_000, {}) }),
  "names of arguments": call("list_saved_places", named(24_000)),
  "objects for a city": call("current_weather", { city: filled(24_000, {}) }),
  "a city of 4 MB": call("current_weather", { city: "x".repeat(FOUR_MEGABYTES) }),
  "a place of 4 MB": call("remove_place", { place: "x".repeat(FOUR_MEGABYTES) }),
  "an argument's name of 4 MB": call("list_saved_places", { ["k".repeat(FOUR_MEGABYTES)]: 1 }),
  "many long texts": call("remove_place", { place: "x", more: filled(15_000, "x".repeat(250)) }),
  "icons of the client": message("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "t", version: "1", icons: filled(480, {}) },
  }),
  "experiments of the client": message("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: { experimental: named(450) },
    clientInfo: { name: "t", version: "1" },
  }),
  _meta: call("list_saved_places", {}, { ...named(450) }),
  "_meta of 2026-07-28": call("list_saved_places", {}, { ...META, icons: filled(480, {}) }),
  "arguments of 2026-07-28": call("list_saved_places", { a: filled(24_000, {}) }, META),
  "input responses": message("tools/call", { name: "list_saved_places", inputResponses: named(24_000), _meta: META }),
  "arguments of a prompt": message("prompts/get", { name: "daily_briefing", arguments: named(450) }),
  "arguments to complete": message("completion/complete", {
    ref: { type: "ref/prompt", name: "daily_briefing" },
    argument: { name: "a", value: "x" },
    context: { arguments: named(450) },
  }),
  subscriptions: message("subscriptions/listen", {
    _meta: META,
    notifications: { resourceSubscriptions: filled(199, `weather://${"x".repeat(2000)}`) },
  }),
  "a method of 4 MB": message("m".repeat(FOUR_MEGABYTES), {}),
  "a cursor of 4 MB": message("tools/list", { cursor: "c".repeat(FOUR_MEGABYTES) }),
  "a result": { jsonrpc: "2.0", id: 1, result: { content: filled(24_000, {}) } },
  "an error": { jsonrpc: "2.0", id: 1, error: { code: 1, message: "m", data: filled(490, {}) } },
  "a batch": batch(call("list_saved_places", { a: filled(200, {}) })),
  "a batch of what is unknown": batch(call("none", { a: filled(200, {}) })),
  "a batch of long texts": batch(call("remove_place", { place: "x".repeat(40_000) })),
  "a batch of names": batch(call("list_saved_places", named(240))),
  "a small batch": batch(call("list_saved_places", {})),
  "a batch of one id": filled(100, call("list_saved_places", { a: filled(200, {}) })),
};

/** The plainest body of the size that is allowed. */
export const TEXT_OF_4_MB = JSON.stringify("x".repeat(FOUR_MEGABYTES));

export const BODIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(MESSAGES).map(([name, body]) => [name, JSON.stringify(body)])),
  "lists in lists": written("[".repeat(490) + "]".repeat(490)),
  "objects in objects": written(`${'{"a":'.repeat(490)}1${"}".repeat(490)}`),
  escapes: written(`"${"\\u0041".repeat(FOUR_MEGABYTES / 6)}"`),
  quotes: written(`"${'\\"'.repeat(FOUR_MEGABYTES / 2)}"`),
  backslashes: written(`"${"\\\\".repeat(FOUR_MEGABYTES / 2)}"`),
  spaces: written(`${" ".repeat(FOUR_MEGABYTES)}1`),
  "a number of 1 MB": written("1".repeat(1_000_000)),
  "what is no JSON": "{".padEnd(FOUR_MEGABYTES, "x"),
  "texts without commas": `[${'""'.repeat(FOUR_MEGABYTES / 2)}]`,
  "escapes and quotes": written(`"${'\\\\\\"'.repeat(FOUR_MEGABYTES / 4)}"`),
  "text without an end": `"${"x".repeat(FOUR_MEGABYTES)}`,
  "names that are the same": written(`{${filled(24_000, '"a":1').join()}}`),
  "names of prototypes": written(`{${filled(12_000, '"__proto__":1,"constructor":1').join()}}`),
};
