import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { request } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type OutgoingProxy, TunnelError } from "../outgoing.ts";

/** The largest head of an answer that is read, bytes. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Opens tunnels through `proxy`, each by a connection of its own that ends with its signal. The library behind `fetch`
 * keeps tunnels, and goes on opening one that nobody waits for any more: strangers' URLs must leave nothing behind.
 *
 * @param authorities the certificate authorities to trust, in PEM, for a proxy that speaks TLS. Default: Node's.
 */
export function createTunnelOpener(
  proxy: URL,
  authorities: readonly string[] | undefined,
): OutgoingProxy["openTunnel"] {
  const findAddresses = createLookup(hostOf(proxy));
  return async (host, port, signal) => {
    const addresses = await findAddresses();
    signal.throwIfAborted();
    const socket = connectTo(proxy, addresses, authorities);
    // What comes after the tunnel has been handed over, or given up, is its user's or nobody's.
    socket.on("error", () => undefined);
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
    try {
      return await askForTunnel(socket, `${host}:${port}`, credentialsIn(proxy));
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}

/**
 * Looks the proxy's name up, once at a time: that takes one of the few threads that resolve names, and can't be
 * cancelled.
 */
function createLookup(host: string): () => Promise<LookupAddress[]> {
  let running: Promise<LookupAddress[]> | undefined;
  return () => {
    running ??= lookup(host, { all: true }).finally(() => {
      running = undefined;
    });
    return running;
  };
}

function connectTo(proxy: URL, addresses: LookupAddress[], authorities: readonly string[] | undefined): Socket {
  const host = hostOf(proxy);
  const isSecure = proxy.protocol === "https:";
  const target = {
    host,
    port: Number(proxy.port || (isSecure ? 443 : 80)),
    lookup: (_host: string, _options: object, done: (error: null, found: LookupAddress[]) => void) =>
      done(null, addresses),
    autoSelectFamily: true,
  };
  return isSecure
    ? connectTls({
        ...target,
        ...(isIP(host) === 0 && { servername: host }),
        ALPNProtocols: ["http/1.1"],
        minVersion: "TLSv1.2",
        rejectUnauthorized: true,
        ...(authorities !== undefined && { ca: [...authorities] }),
      })
    : connectTcp(target);
}

function askForTunnel(socket: Socket, authority: string, credentials: Record<string, string>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, connection: "keep-alive", ...credentials },
      createConnection: () => socket,
      maxHeaderSize: MAX_HEAD_BYTES,
    })
      .on("connect", ({ statusCode = 0 }, tunnel: Socket, early) => {
        if (statusCode < 200 || statusCode > 299) {
          reject(new TunnelError(statusCode));
        } else if (early.length > 0) {
          reject(Object.assign(new Error("The proxy sent data of its own."), { code: "EARLY_DATA" }));
        } else {
          resolve(tunnel);
        }
      })
      .on("error", reject)
      .end();
  });
}

function credentialsIn({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") {
    return {};
  }
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` };
}

/** As sockets take it: an IPv6 address without its brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
