import { isLoopback, parseUrl } from "../lib/url.ts";

export interface OriginPolicyOptions {
  /** BASE_URL. */
  readonly baseUrl: URL | undefined;
  /** The URL of the MCP endpoint, where it is not under BASE_URL. */
  readonly resource?: URL | undefined;
  /** FASTMCP_HTTP_ALLOWED_HOSTS: host names, with or without a port; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** FASTMCP_HTTP_ALLOWED_ORIGINS: origins such as `https://app.example.com`; `*` for any. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Which `Host` and `Origin` headers the server answers to: the guard against DNS rebinding (MCP transports, security
 * warning). Neither header ever shapes a URL of ours.
 */
export interface OriginPolicy {
  allowsHost(host: string | undefined): boolean;
  /** For the MCP endpoint. An absent Origin is allowed: only browsers send one. */
  allowsOrigin(origin: string | undefined): boolean;
}

export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { baseUrl, resource, allowedHosts, allowedOrigins } = options;
  const hosts = new Set(allowedHosts.map(hostName).filter(Boolean));
  const origins = new Set(allowedOrigins);
  for (const own of [baseUrl, resource]) {
    if (own !== undefined) {
      hosts.add(own.hostname);
      origins.add(own.origin);
    }
  }
  const loopback = baseUrl === undefined || isLoopback(baseUrl.hostname);
  return {
    allowsHost: (host) => {
      if (hosts.has("*")) {
        return true;
      }
      if (host === undefined) {
        return false;
      }
      const name = hostName(host);
      return isLoopback(name) || hosts.has(name);
    },
    allowsOrigin: (origin) =>
      origin === undefined || origins.has("*") || origins.has(origin) || (loopback && isLoopbackOrigin(origin)),
  };
}

function isLoopbackOrigin(origin: string): boolean {
  const url = parseUrl(origin);
  if (url === undefined) {
    return false;
  }
  const { protocol, hostname } = url;
  return (protocol === "http:" || protocol === "https:") && isLoopback(hostname);
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+|\*)(?::\d{1,5})?$/;

// Of a Host header or an entry of the list; empty, and so no host that is known, when it is neither.
function hostName(host: string): string {
  return HOST.exec(host.toLowerCase())?.[1] ?? "";
}
