import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { type HostsFile, openHostsFile } from "./hosts-file.ts";

/** Milliseconds that a DNS server has for one query, and how often each is asked. */
const QUERY_TIMEOUT = 1500;
const TRIES = 2;

/**
 * Milliseconds that the addresses of one family wait for those of the other, of which some name servers say nothing.
 */
const PATIENCE = 500;

/** Every address of a host name. Rejects once `signal` aborts. */
export type ResolveHost = (hostname: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>;

export interface HostResolverOptions {
  /** DNS servers, with ports. Default: the operating system's. */
  readonly servers?: readonly string[];
  /** Default: the operating system's. */
  readonly hosts?: HostsFile;
}

/**
 * Resolves names that strangers send: by the hosts file, then by DNS.
 *
 * `dns.lookup` would take one of the few threads that resolve names for the whole process, for as long as a dead name
 * server keeps silent, and nothing ends it. This has queries of its own, and `signal` cancels them.
 */
export function createHostResolver({ servers, hosts = openHostsFile() }: HostResolverOptions = {}): ResolveHost {
  return async (hostname, signal) => {
    const listed = await hosts.addressesOf(hostname);
    if (listed !== undefined) {
      return listed.map((address) => ({ address, family: isIP(address) }));
    }
    const resolver = new Resolver({ timeout: QUERY_TIMEOUT, tries: TRIES });
    if (servers !== undefined) {
      resolver.setServers(servers);
    }
    return query(resolver, hostname, signal);
  };
}

async function query(resolver: Resolver, hostname: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  signal.throwIfAborted();
  const cancel = () => resolver.cancel();
  let patience: NodeJS.Timeout | undefined;
  const beginPatience = (addresses: readonly string[]) => {
    if (addresses.length > 0) {
      patience ??= setTimeout(cancel, PATIENCE);
    }
    return addresses;
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [ipv4, ipv6] = await Promise.allSettled([
      resolver.resolve4(hostname).then(beginPatience),
      resolver.resolve6(hostname).then(beginPatience),
    ]);
    signal.throwIfAborted();
    const found = [...addressesIn(ipv4, 4), ...addressesIn(ipv6, 6)];
    const failure = [ipv4, ipv6].find((family) => family.status === "rejected" && !saysNone(family.reason));
    if (found.length === 0 && failure?.status === "rejected") {
      throw failure.reason;
    }
    return found;
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", cancel);
  }
}

function addressesIn(family: PromiseSettledResult<readonly string[]>, number: number): readonly LookupAddress[] {
  return family.status === "fulfilled" ? family.value.map((address) => ({ address, family: number })) : [];
}

/** Whether a name server has said that there is no such address, or no such name. */
function saysNone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENODATA" || code === "ENOTFOUND";
}
