import * as tls from "node:tls";
import type { Dispatcher } from "undici";
import type { OutgoingProxy, OutgoingTransport } from "../outgoing.ts";
import { createBypass } from "./no-proxy.ts";
import { createTunnelOpener } from "./tunnel.ts";

export interface TransportOptions {
  readonly httpsProxy: URL | undefined;
  readonly httpProxy: URL | undefined;
  readonly noProxy: string;
  readonly certificates: string | undefined;
}

/**
 * Requests through the proxies of the environment (a CONNECT tunnel, RFC 9110 section 9.3.6, so that the proxy sees no
 * content) and with its certificate authorities. `undefined` where there are neither: the library that it takes is not
 * loaded then.
 */
export async function createTransport(options: TransportOptions): Promise<OutgoingTransport | undefined> {
  const { httpsProxy, httpProxy, noProxy, certificates } = options;
  if (httpsProxy === undefined && httpProxy === undefined && certificates === undefined) {
    return undefined;
  }
  const { Agent, fetch, ProxyAgent } = await import("undici");
  const authorities = certificates === undefined ? undefined : [...defaultAuthorities(), certificates];
  const trust = authorities === undefined ? {} : { ca: authorities };
  const direct = new Agent({ connect: trust });
  const through = (proxy: URL | undefined, variable: string): Route | undefined =>
    proxy && {
      dispatcher: new ProxyAgent({ uri: proxy.href, requestTls: trust, proxyTls: trust }),
      proxy: { variable, address: proxy.origin, openTunnel: createTunnelOpener(proxy, authorities) },
    };
  const routes = { "https:": through(httpsProxy, "HTTPS_PROXY"), "http:": through(httpProxy, "HTTP_PROXY") };
  const bypasses = createBypass(noProxy);
  const routeOf = (text: string): Route | undefined => {
    const url = new URL(text);
    return bypasses(url) ? undefined : routes[url.protocol as "http:" | "https:"];
  };
  return {
    authorities,
    proxyOf: (url) => routeOf(url)?.proxy,
    fetch: (url, init) =>
      fetch(url, {
        ...(init as object),
        dispatcher: routeOf(url)?.dispatcher ?? direct,
      }) as unknown as Promise<Response>,
  };
}

interface Route {
  readonly dispatcher: Dispatcher;
  readonly proxy: OutgoingProxy;
}

/** Those that a list of our own would take the place of; Node.js before 22.15 tells of the ones it came with only. */
function defaultAuthorities(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}
