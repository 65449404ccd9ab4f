import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNotes, NotesApiError } from "./notes.ts";

let api: Server;
let answer: { status: number; body: unknown };
const seen: { method: string | undefined; authorization: string | undefined }[] = [];

beforeAll(async () => {
  api = createServer((request, response) => {
    seen.push({ method: request.method, authorization: request.headers.authorization });
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
});

afterAll(() => api.close());

const notes = () =>
  createNotes({
    url: `http://127.0.0.1:${(api.address() as AddressInfo).port}/`,
    getToken: async (scopes) => `token for ${scopes}`,
  });

it("asks for each call's own scope", async () => {
  answer = { status: 200, body: { notes: [{ id: "1", text: "Buy milk" }] } };
  expect(await notes().list()).toEqual([{ id: "1", text: "Buy milk" }]);
  answer = { status: 201, body: { id: "2", text: "Buy tea" } };
  expect(await notes().add("Buy tea")).toEqual({ id: "2", text: "Buy tea" });
  expect(seen).toEqual([
    { method: "GET", authorization: "Bearer token for notes:read" },
    { method: "POST", authorization: "Bearer token for notes:write" },
  ]);
});

it("throws when the API refuses", async () => {
  answer = { status: 403, body: {} };
  await expect(notes().list()).rejects.toThrow(new NotesApiError(403));
});
