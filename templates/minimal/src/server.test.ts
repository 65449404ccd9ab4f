import { startTestServer, type TestServer } from "mcp-env-auth/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer(() => import("./server.ts"));
});

afterAll(() => server?.close());

it("greets the user who is logged in", async () => {
  const alice = server.as({ subject: "alice" });
  const { structuredContent } = await alice.callTool("greet", { greeting: "Good morning" });
  expect(structuredContent).toEqual({ text: "Good morning, alice!" });
});

it("refuses an empty greeting", async () => {
  const { isError } = await server.as({ subject: "alice" }).callTool("greet", { greeting: " " });
  expect(isError).toBe(true);
});
