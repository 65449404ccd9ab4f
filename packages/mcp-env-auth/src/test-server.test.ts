import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { getAccessToken } from "./access-token.ts";
import { createServer } from "./server.ts";
import { startTestServer, TestRefusal, type TestServer } from "./test-server.ts";

let test: TestServer;

async function runServer() {
  const server = createServer({ name: "Tested", version: "1.0.0" });
  server.registerTool("whoami", { description: "Who" }, () => {
    const { subject, scopes, roles, organization } = getAccessToken();
    return { subject, scopes: [...scopes], roles: [...(roles ?? [])], organization };
  });
  server.registerTool(
    "greet",
    { description: "Greet", inputSchema: z.object({ greeting: z.string() }), requiredScopes: ["greet:send"] },
    ({ greeting }) => `${greeting}, ${getAccessToken().subject}!`,
  );
  server.registerTool("rule", { description: "Rule", requiredRoles: ["admin"] }, () => "ruled");
  server.registerTool("members", { description: "Members", requiredOrganizations: ["org_acme"] }, () => "met");
  server.registerTool("permit", { description: "Permit", requiredPermissions: ["keys:turn"] }, () => "turned");
  await server.run();
  return { server };
}

beforeAll(async () => {
  test = await startTestServer(runServer, { env: { FASTMCP_SERVER_AUTH_JWT_SUBJECT_CLAIM: "sub" } });
});

afterAll(async () => {
  await test?.close();
  expect(process.env.FASTMCP_SERVER_AUTH).toBeUndefined();
});

describe("a server in a test", () => {
  it("knows who calls", async () => {
    const user = test.as({ subject: "alice", scopes: ["a", "b"], roles: ["admin"], organization: "org_acme" });
    expect((await user.callTool("whoami")).structuredContent).toEqual({
      subject: "alice",
      scopes: ["a", "b"],
      roles: ["admin"],
      organization: "org_acme",
    });
  });

  it("lets in who has the scope, and challenges who has not", async () => {
    const alice = test.as({ subject: "alice", scopes: ["greet:send"] });
    expect(await alice.callTool("greet", { greeting: "Hello" })).toMatchObject({
      content: [{ type: "text", text: "Hello, alice!" }],
    });
    const refusal = await test
      .as({ subject: "bob" })
      .callTool("greet", { greeting: "Hello" })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TestRefusal);
    expect(refusal).toMatchObject({ status: 403, scopes: ["greet:send"] });
    expect((refusal as Error).message).toContain("greet:send");
  });

  it.each([
    ["rule", { roles: ["admin"] }],
    ["members", { organization: "org_acme" }],
    ["permit", { permissions: ["keys:turn"] }],
  ])("judges %s by the real rules", async (tool, identity) => {
    expect(await test.as({ subject: "alice", ...identity }).callTool(tool)).not.toMatchObject({ isError: true });
    const answer = await test
      .as({ subject: "bob" })
      .callTool(tool)
      .catch((error: unknown) => error);
    expect(answer instanceof Error || (answer as { isError?: boolean }).isError).toBe(true);
  });

  it("lists what a user may see, and passes on other requests and their errors", async () => {
    const bob = test.as({ subject: "bob" });
    expect((await bob.listTools()).map(({ name }) => name)).toContain("whoami");
    await expect(bob.request("resources/read", { uri: "x://y" })).rejects.toThrow();
    await expect(test.as({ subject: "eve", claims: { aud: "https://other" } }).listTools()).rejects.toMatchObject({
      status: 401,
    });
  });

  it("gives the environment back when the module fails", async () => {
    const before = { ...process.env };
    await expect(startTestServer(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(process.env).toEqual(before);
  });
});
