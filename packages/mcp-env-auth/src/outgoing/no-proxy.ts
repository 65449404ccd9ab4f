import { BlockList, isIP } from "node:net";
import { isLoopback } from "../lib/url.ts";

/**
 * Whether a request to a URL goes straight there, by the value of `NO_PROXY`: names separated by commas or spaces, each
 * for itself and its subdomains, with or without a dot or `*.` in front; `host:port` for one port; addresses and CIDR
 * ranges; `*` for everything. This machine itself is always reached directly.
 */
export function createBypass(noProxy: string): (url: URL) => boolean {
  const rules = noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map(ruleOf);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    return isLoopback(url.hostname) || rules.some((matches) => matches(host, port));
  };
}

type Rule = (host: string, port: string) => boolean;

function ruleOf(entry: string): Rule {
  if (entry === "*") {
    return () => true;
  }
  const range = rangeOf(entry);
  if (range !== undefined) {
    return (host) => isIP(host) !== 0 && range.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
  }
  const [, name = entry, port] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const wanted = name
    .replace(/^\[|\]$/g, "")
    .replace(/^\*?\./, "")
    .replace(/\.$/, "")
    .toLowerCase();
  return (host, hostPort) =>
    wanted !== "" && (port === undefined || port === hostPort) && (host === wanted || host.endsWith(`.${wanted}`));
}

function rangeOf(entry: string): BlockList | undefined {
  const [address = "", prefix = ""] = entry.split("/");
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 6 ? 128 : 32)) {
    return undefined;
  }
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family === 6 ? "ipv6" : "ipv4");
  return list;
}
