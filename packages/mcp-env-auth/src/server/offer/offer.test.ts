import { completable, createMcpHandler, ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type AccessToken, runWithAccessToken } from "../../access-token.ts";
import { CLIENT_META } from "../../http/testing/tool-call.ts";
import { offerOf } from "../testing/offer.ts";
import { Registrations } from "./registrations.ts";

type Caller = Partial<Pick<AccessToken, "scopes" | "claims" | "roles" | "organization">>;

interface Answer {
  readonly result?: Record<string, unknown> & { readonly cacheScope?: string };
  readonly error?: { readonly code: number; readonly message: string };
}

/** Asks in the 2026-07-28 era, past what judges request bodies: what is left is what the caller's own server has. */
function asker(registrations: Registrations) {
  const handler = createMcpHandler(offerOf(registrations).build);
  return async (caller: Caller, method: string, params: Record<string, unknown> = {}): Promise<Answer> => {
    const name = params.name ?? params.uri;
    const request = new Request("http://localhost/mcp", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method,
        ...(typeof name === "string" && { "Mcp-Name": name }),
      },
    });
    const token = { token: "t", clientId: "c", scopes: [], expiresAt: 2e9, claims: {}, subject: "s", ...caller };
    const parsedBody = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: CLIENT_META } };
    const response = await runWithAccessToken(token, () => handler.fetch(request, { parsedBody }));
    return (await response.json()) as Answer;
  };
}

const names = ({ result }: Answer) =>
  Object.values(result ?? {})
    .filter(Array.isArray)
    .flat()
    .map((entry: { name: string }) => entry.name);

const nothing = () => "nothing";

function everyKind(): Registrations {
  const registrations = new Registrations();
  const rules = {
    open: {},
    scoped: { requiredScopes: ["s"] },
    roled: { requiredRoles: ["editor"] },
    permitted: { requiredPermissions: ["p"] },
    tenant: { requiredOrganizations: ["org_acme"] },
    secret: { requiredScopes: ["s"], visibility: "hidden" as const },
  };
  for (const [name, rule] of Object.entries(rules)) {
    registrations.addTool(name, rule, nothing);
    registrations.addPrompt(
      name,
      { ...rule, argsSchema: z.object({ a: completable(z.string(), () => [name]) }) },
      nothing,
    );
    registrations.addResource(name, `r://${name}`, rule, nothing);
    registrations.addResource(
      `${name}-template`,
      new ResourceTemplate(`t://${name}/{id}`, { list: undefined }),
      rule,
      nothing,
    );
  }
  return registrations;
}

describe.each([
  ["tools/list", ""],
  ["prompts/list", ""],
  ["resources/list", ""],
  ["resources/templates/list", "-template"],
])("%s", (method, suffix) => {
  const ask = asker(everyKind());
  const shown = async (caller: Caller) => names(await ask(caller, method)).map((name) => name.replace(suffix, ""));

  it("shows what the caller may use, and what a login for more scopes would give", async () => {
    expect(await shown({})).toEqual(["open", "scoped"]);
    expect(await shown({ scopes: ["s"] })).toEqual(["open", "scoped", "secret"]);
    expect(await shown({ roles: ["editor"] })).toEqual(["open", "scoped", "roled"]);
    expect(await shown({ claims: { permissions: ["p"] } })).toEqual(["open", "scoped", "permitted"]);
    expect(await shown({ organization: "org_acme" })).toEqual(["open", "scoped", "tenant"]);
  });

  it("is for this caller's cache alone", async () => {
    expect((await ask({}, method)).result?.cacheScope).toBe("private");
  });
});

describe("a list that is the same for all", () => {
  const registrations = new Registrations();
  registrations.addTool("open", {}, nothing);
  registrations.addTool("scoped", { requiredScopes: ["s"] }, nothing);
  registrations.addTool("decided", { authorize: () => false }, nothing);
  registrations.addPrompt("roled", { requiredRoles: ["editor"] }, nothing);
  registrations.addResource("open", "r://open", {}, nothing);

  it.each([
    ["tools/list", "public"],
    ["prompts/list", "private"],
    ["resources/list", "public"],
    ["resources/templates/list", "public"],
  ])("may be kept by shared caches: %s is %s", async (method, cacheScope) => {
    expect((await asker(registrations)({}, method)).result?.cacheScope).toBe(cacheScope);
  });

  it("is none where a template finds its resources by code, which may ask who the caller is", async () => {
    const listing = new Registrations();
    listing.addResource("docs", new ResourceTemplate("d://{id}", { list: () => ({ resources: [] }) }), {}, nothing);
    expect((await asker(listing)({}, "resources/list")).result?.cacheScope).toBe("private");
    expect((await asker(listing)({}, "resources/templates/list")).result?.cacheScope).toBe("public");
  });
});

describe("what is hidden from a caller", () => {
  const ask = asker(everyKind());

  it.each([
    ["tools/call", (name: string) => ({ name, arguments: {} })],
    ["prompts/get", (name: string) => ({ name, arguments: { a: "x" } })],
    ["resources/read", (name: string) => ({ uri: `r://${name}` })],
    ["resources/read", (name: string) => ({ uri: `t://${name}/7` })],
    [
      "completion/complete",
      (name: string) => ({ ref: { type: "ref/prompt", name }, argument: { name: "a", value: "" } }),
    ],
    [
      "completion/complete",
      (name: string) => ({ ref: { type: "ref/resource", uri: `r://${name}` }, argument: { name: "id", value: "" } }),
    ],
    [
      "completion/complete",
      (name: string) => ({
        ref: { type: "ref/resource", uri: `t://${name}/{id}` },
        argument: { name: "id", value: "" },
      }),
    ],
  ])("is unknown to %s", async (method, params) => {
    const [hidden, unknown] = [await ask({}, method, params("secret")), await ask({}, method, params("absent"))];
    expect(hidden.error).toBeDefined();
    expect(JSON.stringify(hidden).replaceAll("secret", "absent")).toBe(JSON.stringify(unknown));
  });

  it("is not served by a template that matches too", async () => {
    const registrations = new Registrations();
    const list = { list: undefined };
    registrations.addResource(
      "vault",
      new ResourceTemplate("d://vault/{id}", list),
      { requiredRoles: ["admin"], visibility: "hidden" },
      () => "SECRET",
    );
    registrations.addResource("all", new ResourceTemplate("d://{+path}", list), {}, () => "FROM ALL");
    const askVault = asker(registrations);
    const answer = await askVault({}, "resources/read", { uri: "d://vault/1" });
    expect(answer.error?.message).toBe(
      (await askVault({}, "resources/read", { uri: "x://none" })).error?.message.replace("x://none", "d://vault/1"),
    );
    expect(JSON.stringify(await askVault({ roles: ["admin"] }, "resources/read", { uri: "d://vault/1" }))).toContain(
      "SECRET",
    );
  });

  it("is not listed by a template either", async () => {
    const registrations = new Registrations();
    const found = ["d://open", "d://closed", "d://secret"].map((uri) => ({ uri, name: uri }));
    registrations.addResource("closed", "d://closed", { requiredRoles: ["admin"] }, nothing);
    registrations.addResource("secret", "d://secret", { requiredScopes: ["s"], visibility: "hidden" }, nothing);
    registrations.addResource(
      "all",
      new ResourceTemplate("d://{+path}", { list: () => ({ resources: found }) }),
      {},
      nothing,
    );
    expect(names(await asker(registrations)({}, "resources/list"))).toEqual(["d://open"]);
  });
});

it("a resource that is called as our stand-ins are is no hindrance", async () => {
  const registrations = new Registrations();
  registrations.addResource("none", "none://none", {}, nothing);
  registrations.addResource(
    "t",
    new ResourceTemplate("t://{id}", { list: undefined }),
    { requiredRoles: ["r"] },
    nothing,
  );
  registrations.addTool("none", { requiredRoles: ["r"] }, nothing);
  const ask = asker(registrations);
  expect(names(await ask({}, "resources/list"))).toEqual(["none"]);
  expect(names(await ask({}, "tools/list"))).toEqual([]);
});

describe("a caller who may see none of a kind", () => {
  const registrations = new Registrations();
  const rule = { requiredRoles: ["editor"] };
  registrations.addTool("t", rule, nothing);
  registrations.addPrompt("p", rule, nothing);
  registrations.addResource("r", "r://r", rule, nothing);
  const ask = asker(registrations);

  it.each(["tools/list", "prompts/list", "resources/list", "resources/templates/list"])(
    "gets an empty list of %s, and not an unknown method",
    async (method) => {
      const answer = await ask({}, method);
      expect(answer.error).toBeUndefined();
      expect(names(answer)).toEqual([]);
    },
  );

  it("is told of the same capabilities as others", async () => {
    const [nobody, editor] = [await ask({}, "server/discover"), await ask({ roles: ["editor"] }, "server/discover")];
    expect(nobody.result?.capabilities).toEqual(editor.result?.capabilities);
  });
});

describe("authorize", () => {
  const seen: unknown[] = [];
  const registrations = new Registrations();
  const decide = (token: AccessToken, args: unknown) => {
    seen.push(args);
    if (token.subject !== "s") {
      return false;
    }
    return JSON.stringify(args).includes("mine") || "Only what is yours.";
  };
  const inputSchema = z.object({ owner: z.string().trim().toLowerCase() });
  registrations.addTool("tool", { inputSchema, authorize: decide }, ({ owner }) => `of ${owner}`);
  registrations.addTool("bare", { authorize: (_token, args) => Object.keys(args).length === 0 }, () => "ran");
  registrations.addTool("slow", { authorize: async () => true }, () => "ran");
  registrations.addPrompt("prompt", { argsSchema: inputSchema, authorize: decide }, ({ owner }) => `of ${owner}`);
  registrations.addResource("fixed", "r://mine", { authorize: decide }, () => "ran");
  registrations.addResource(
    "docs",
    new ResourceTemplate("docs://{owner}/{id}", { list: undefined }),
    { authorize: decide },
    () => "ran",
  );
  const ask = asker(registrations);

  it("decides by the parsed arguments of a tool, and says why not as the tool's error", async () => {
    expect(await ask({}, "tools/call", { name: "tool", arguments: { owner: " MINE " } })).toMatchObject({
      result: { content: [{ text: "of mine" }] },
    });
    expect(seen.at(-1)).toEqual({ owner: "mine" });
    expect(await ask({}, "tools/call", { name: "tool", arguments: { owner: "yours" } })).toMatchObject({
      result: { isError: true, content: [{ text: "Only what is yours." }] },
    });
  });

  it("is not asked about arguments that the schema refuses", async () => {
    const before = seen.length;
    expect(await ask({}, "tools/call", { name: "tool", arguments: { owner: 5 } })).toMatchObject({
      result: { isError: true },
    });
    expect(seen.length).toBe(before);
  });

  it("may take its time, and gets no arguments where there are none", async () => {
    expect(await ask({}, "tools/call", { name: "slow" })).toMatchObject({ result: { content: [{ text: "ran" }] } });
    expect(await ask({}, "tools/call", { name: "bare" })).toMatchObject({ result: { content: [{ text: "ran" }] } });
  });

  it("decides about prompts and resources, and says why not as an error of the protocol", async () => {
    const denied = { error: { code: -32602, message: expect.stringContaining("Only what is yours.") } };
    expect(await ask({}, "prompts/get", { name: "prompt", arguments: { owner: "mine" } })).toHaveProperty(
      "result.messages",
    );
    expect(await ask({}, "prompts/get", { name: "prompt", arguments: { owner: "yours" } })).toMatchObject(denied);
    expect(await ask({}, "resources/read", { uri: "r://mine" })).toHaveProperty("result.contents");
    expect(await ask({}, "resources/read", { uri: "docs://mine/1" })).toHaveProperty("result.contents");
    expect(seen.at(-1)).toEqual({ uri: new URL("docs://mine/1"), variables: { owner: "mine", id: "1" } });
    expect(await ask({}, "resources/read", { uri: "docs://yours/1" })).toMatchObject(denied);
  });

  it.each([
    ["false", () => false],
    ["nothing", () => undefined],
    ["a number", () => 1],
    ["an empty text", () => ""],
    ["an object", () => ({ allowed: true })],
    ["a promise of false", async () => false],
    ["an error", () => Promise.reject(new Error("dsn=postgres://10.0.0.1"))],
  ])("lets nothing through when it gives %s", async (_what, authorize) => {
    const closed = new Registrations();
    closed.addTool("tool", { authorize: authorize as () => boolean }, () => "SECRET");
    closed.addResource("resource", "r://x", { authorize: authorize as () => boolean }, () => "SECRET");
    const answers = [
      await asker(closed)({}, "tools/call", { name: "tool" }),
      await asker(closed)({}, "resources/read", { uri: "r://x" }),
    ];
    expect(answers[0]?.result?.isError).toBe(true);
    expect(answers[1]?.error).toBeDefined();
    expect(JSON.stringify(answers)).not.toMatch(/SECRET|postgres/);
  });

  it("comes after the rule", async () => {
    let asked = 0;
    const both = new Registrations();
    both.addTool("tool", { requiredScopes: ["s"], authorize: () => ++asked > 0 }, () => "ran");
    expect(await asker(both)({}, "tools/call", { name: "tool" })).toMatchObject({ result: { isError: true } });
    expect(asked).toBe(0);
  });
});

describe("a resource whose URI was registered in another spelling than the URL standard's", () => {
  it("is read by either spelling, and listed by the one that counts", async () => {
    const registrations = new Registrations();
    registrations.addResource("web", "https://Docs.example.com", {}, () => "read");
    const ask = asker(registrations);
    for (const uri of ["https://Docs.example.com", "https://docs.example.com/"]) {
      expect((await ask({}, "resources/read", { uri })).result?.contents).toMatchObject([{ text: "read" }]);
    }
    expect((await ask({}, "resources/list")).result?.resources).toMatchObject([{ uri: "https://docs.example.com/" }]);
  });
});

describe("the name that a registration is known by", () => {
  it("is not looked for where a template could divide the URI in more ways than can be tried", () => {
    const registrations = new Registrations();
    const template = "log://{service}-{env}-{region}-{zone}";
    registrations.addResource("log", new ResourceTemplate(template, { list: undefined }), {}, () => "read");
    const { nameOf } = offerOf(registrations);
    expect(nameOf({ kind: "resource", name: "log://api-live-eu-1" })).toBe(template);
    expect(nameOf({ kind: "resource", name: `log://${"-".repeat(2000)}/` })).toBeUndefined();
  });
});
