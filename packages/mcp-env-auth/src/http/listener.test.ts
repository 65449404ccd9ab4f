import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { listen } from "./listener.ts";
import { serve } from "./testing/serve.ts";

describe("listening", () => {
  it("says which variable to change when the port is taken", async () => {
    const { port } = new URL(await serve(() => {}));
    const attempt = listen(() => {}, { host: "127.0.0.1", port: Number(port) });
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow("FASTMCP_PORT");
  });

  it("says which variable to change when the host is not one of this machine", async () => {
    await expect(listen(() => {}, { host: "203.0.113.1", port: 0 })).rejects.toThrow("FASTMCP_HOST");
  });

  it("lets a request in flight finish before it closes, and takes no new one", async () => {
    let finish = () => {};
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const listener = await listen(
      (_request, response) => {
        finish = () => response.end("finished");
        arrive();
      },
      { host: "127.0.0.1", port: 0 },
    );
    const url = `http://127.0.0.1:${listener.port}/`;
    const answer = fetch(url);
    await arrived;
    const closed = listener.close();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    expect(await (await answer).text()).toBe("finished");
    await closed;
  });
});
