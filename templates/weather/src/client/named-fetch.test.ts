import { expect, it } from "vitest";
import { freePort } from "../testing/free-port.ts";
import { startHttpStandIn } from "../testing/http-stand-in.ts";
import { namedFetch } from "./named-fetch.ts";

it("names the host and the cause when nothing listens, and says what may start it", async () => {
  for (const host of ["localhost", "127.0.0.1"]) {
    const port = await freePort();
    await expect(namedFetch(`http://${host}:${port}/mcp`)).rejects.toThrow(
      new RegExp(`^${host}:${port} can't be reached: connect ECONNREFUSED .*\\. Is it running\\?`),
    );
  }
});

it("gives an answer as it came", async () => {
  const service = await startHttpStandIn((_request, response) => response.writeHead(404).end("none"));
  const response = await namedFetch(new URL(service.url));
  expect([response.status, await response.text()]).toEqual([404, "none"]);
  await service.close();
});
