import { request as sendRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { serve } from "../http/testing/serve.ts";
import { parsedBodyOf, toWebRequest } from "./web-request.ts";

const URL_OF_OURS = "https://mcp.example.com/mcp";

/** What `read` finds in the view of a request with `headers`. */
async function read<T>(look: (request: Request) => T, headers: string[] = [], signal = new AbortController().signal) {
  let found: T | undefined;
  const origin = await serve((request, response) => {
    found = look(toWebRequest(request, { url: URL_OF_OURS, body: { its: "body" }, signal }));
    response.end();
  });
  await new Promise<void>((resolve, reject) => {
    const outgoing = sendRequest(origin, { method: "POST", headers: ["Host", "elsewhere.example", ...headers] });
    outgoing.on("response", (answer) => answer.resume().on("end", resolve)).on("error", reject);
    outgoing.end();
  });
  return found as T;
}

describe("the view of a request that the SDK gets", () => {
  it("has the method, our own URL whatever the Host, and the signal it was given", async () => {
    const { signal } = new AbortController();
    const seen = await read((request) => [request.method, request.url, request.signal === signal], [], signal);
    expect(seen).toEqual(["POST", URL_OF_OURS, true]);
  });

  it("has headers as the Fetch standard has them: by any case, and a repeated one joined", async () => {
    const sent = ["Mcp-Method", "tools/call", "X-List", "a", "X-List", "b"];
    const seen = await read(
      ({ headers }) => [headers.get("MCP-METHOD"), headers.get("x-list"), headers.get("y")],
      sent,
    );
    expect(seen).toEqual(["tools/call", "a, b", null]);
  });

  it("is a Request with all that belongs to one", async () => {
    const seen = await read((request) => {
      const copy = request.clone();
      return [
        request instanceof Request,
        request.body,
        request.redirect,
        copy.method,
        copy.url,
        copy.headers.get("host"),
      ];
    });
    expect(seen).toEqual([true, null, "follow", "POST", URL_OF_OURS, "elsewhere.example"]);
  });

  it("tells the parsed body to those who ask for it, and no other request does", async () => {
    expect(await read(parsedBodyOf)).toEqual({ its: "body" });
    expect(parsedBodyOf(new Request(URL_OF_OURS))).toBeUndefined();
    expect(parsedBodyOf(undefined)).toBeUndefined();
  });

  it("is aborted by its signal, in its copies too", async () => {
    const ended = new AbortController();
    const copy = await read((request) => request.clone(), [], ended.signal);
    ended.abort();
    expect(copy.signal.aborted).toBe(true);
  });
});
