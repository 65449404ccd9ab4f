import { BlockList, isIP } from "node:net";

/** IANA's registry of special-purpose IPv4 addresses (RFC 6890), multicast and the reserved rest. */
const SPECIAL_IPV4: readonly [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * What is special within 2000::/3, the only part of IPv6 that is handed out as global unicast. All else (loopback,
 * v4-mapped, NAT64, unique local, link local, multicast, discard) lies outside of it.
 */
const SPECIAL_GLOBAL_IPV6: readonly [network: string, prefix: number][] = [
  // IETF protocol assignments: Teredo, benchmarking, ORCHID, AMT, AS112 and the rest of the block.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4: an IPv4 address in disguise.
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

/** ISATAP (RFC 5214 section 6.1): under any prefix, an interface id that ends in an IPv4 address. */
const ISATAP = /:5efe(?::[0-9a-f]{1,4}:[0-9a-f]{1,4}|::)\]$/;

const specialIpv4 = listOf(SPECIAL_IPV4, "ipv4");
const globalIpv6 = listOf([["2000::", 3]], "ipv6");
const specialGlobalIpv6 = listOf(SPECIAL_GLOBAL_IPV6, "ipv6");

/**
 * Whether `address`, as a resolver or a socket spells it, is a public unicast address. False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !specialIpv4.check(address, "ipv4");
    case 6:
      return (
        !address.includes("%") &&
        globalIpv6.check(address, "ipv6") &&
        !specialGlobalIpv6.check(address, "ipv6") &&
        !ISATAP.test(new URL(`http://[${address}]`).hostname)
      );
    default:
      return false;
  }
}

function listOf(networks: readonly [string, number][], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) {
    list.addSubnet(network, prefix, family);
  }
  return list;
}
