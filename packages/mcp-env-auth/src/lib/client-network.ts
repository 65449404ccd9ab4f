/** How many networks a limit counts at once: beyond that it forgets the oldest. */
export const MAX_NETWORKS = 10_000;

const GROUPS = 8;

/** Bits of an IPv6 address that one client may have to itself: providers give a household a /56. */
const NETWORK_BITS = 56;

/**
 * What counts as one client for limits: an IPv4 address, or the /56 network of an IPv6 address.
 *
 * @param address as `node:net` spells it, without a zone.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) {
    return address;
  }
  const [head = "", tail] = address.split("::");
  const first = groupsOf(head);
  const last = groupsOf(tail ?? "");
  const zeros = Array<string>(Math.max(0, GROUPS - first.length - last.length)).fill("0");
  const [a, b, c, d = "0"] = [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16).toString(16));
  const network = (Number.parseInt(d, 16) & 0xff00).toString(16);
  return `${a}:${b}:${c}:${network}::/${NETWORK_BITS}`;
}

function groupsOf(part: string): readonly string[] {
  // An IPv4 address at the end stands for two groups, which are beyond the network.
  return part === "" ? [] : part.split(":").flatMap((group) => (group.includes(".") ? ["0", "0"] : [group]));
}
