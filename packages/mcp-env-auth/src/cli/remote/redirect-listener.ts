import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Where the browser comes back to after a login: a port on this machine that is open while the client runs (RFC 8252
 * section 7.3).
 */
export interface RedirectListener {
  readonly redirectUrl: string;
  /**
   * Waits for the redirect that carries `state`, and gives its query. Others are answered and forgotten: anything on
   * this machine can call the port.
   */
  waitFor(state: string): Promise<URLSearchParams>;
  close(): Promise<void>;
}

const PATH = "/callback";

/** Milliseconds that a person has for logging in. */
const TIMEOUT = 5 * 60_000;

/** Listens on any free port of 127.0.0.1. */
export async function listenForRedirect(timeout = TIMEOUT): Promise<RedirectListener> {
  let waiting: { readonly state: string; readonly resolve: (query: URLSearchParams) => void } | undefined;
  const server = createServer((request, response) => {
    const [path, query = ""] = (request.url ?? "/").split("?", 2);
    const searchParams = new URLSearchParams(query);
    const expected = path === PATH && waiting !== undefined && searchParams.get("state") === waiting.state;
    response.writeHead(expected ? 200 : 404, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
    response.end(expected ? "Go back to the terminal. You can close this page.\n" : "There is nothing here.\n");
    if (!expected) {
      return;
    }
    waiting?.resolve(searchParams);
    waiting = undefined;
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    redirectUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    waitFor: (state) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error("Nobody logged in. Run the command again to try once more.")),
          timeout,
        ).unref();
        waiting = {
          state,
          resolve(query) {
            clearTimeout(timer);
            resolve(query);
          },
        };
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
