import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "../guarded-fetch.ts";

/** A public address: what every name has, unless a test says otherwise. Nothing is sent to it. */
export const PUBLIC_ADDRESS: LookupAddress = { address: "93.184.215.14", family: 4 };

export const TEST_CA = readFixture("test-ca.pem");

/** The authority of what is wrong with certificates: `expired`, `other-name` and others of `tls/README.md`. */
export const SECOND_CA = readFixture("second-ca.pem");

/** A certificate by the name of its file, with its key. */
export function testCertificate(name: string): { readonly cert: string; readonly key: string } {
  return { cert: readFixture(`${name}.pem`), key: readFixture("test-leaf-key.pem") };
}

/** What is served at a URL: a document, or what a handler answers. */
export type Served = Readonly<Record<string, unknown>> | ((request: IncomingMessage, response: ServerResponse) => void);

/**
 * The web, as far as a test needs it: https on loopback under the names of the test certificate (client.example.com,
 * keys.example.com, claude.ai, chatgpt.com, vscode.dev), with a fetch that finds it there.
 */
export interface DocumentHost {
  /** By URL, in full. What is not here is 404. */
  readonly documents: Map<string, Served>;
  /** The URLs that were asked for. */
  readonly requested: string[];
  /** The names that were resolved. */
  readonly resolved: string[];
  /** The addresses that were connected to. */
  readonly connected: string[];
  /** Its port on this machine. */
  readonly port: number;
  readonly fetch: GuardedFetch;
  /** A fetch that finds the host as `fetch` does, but for these options. */
  fetchWith(options: GuardedFetchOptions): GuardedFetch;
  close(): Promise<void>;
}

/** @param certificate the one to show, as {@link testCertificate} names it. */
export async function startDocumentHost(certificate = "test-leaf"): Promise<DocumentHost> {
  const documents = new Map<string, Served>();
  const requested: string[] = [];
  const resolved: string[] = [];
  const connected: string[] = [];
  const server = createServer(testCertificate(certificate), (request, response) => {
    const url = `https://${request.headers.host}${request.url}`;
    requested.push(url);
    const served = documents.get(url);
    if (typeof served === "function") {
      served(request, response);
    } else {
      response.writeHead(served === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(served ?? {}));
    }
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function fetchWith(options: GuardedFetchOptions): GuardedFetch {
    return createGuardedFetch({
      resolve: async (hostname) => {
        resolved.push(hostname);
        return [PUBLIC_ADDRESS];
      },
      connect: (addresses) => {
        connected.push(...addresses.map(({ address }) => address));
        return connect(port, "127.0.0.1");
      },
      authorities: [TEST_CA],
      ...options,
    });
  }

  return {
    documents,
    requested,
    resolved,
    connected,
    port,
    fetch: fetchWith({}),
    fetchWith,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function readFixture(name: string): string {
  return readFileSync(new URL(`./tls/${name}`, import.meta.url), "utf8");
}
