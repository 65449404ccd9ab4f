import { isIP, isIPv4, SocketAddress } from "node:net";
import type { Request } from "express";

/**
 * The IP address of a client: what the last proxy that is trusted reports of it, in whatever form load balancers write
 * it into X-Forwarded-For, or the connection's own where that is no address, such as `unknown`.
 */
export function clientAddress(request: Pick<Request, "ip" | "socket">): string {
  return readAddress(request.ip ?? "") ?? readAddress(request.socket.remoteAddress ?? "") ?? "";
}

const BRACKETED = /^\[([^\]]*)\](?::\d*)?$/;
const WITH_PORT = /^([\d.]+):\d*$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * An address without port, brackets, quotes and zone, in one spelling; `undefined` for what is none.
 *
 * With a port: Azure Application Gateway, AWS with client port preservation, IIS. In brackets and quotes: RFC 7239 section 6.
 */
export function readAddress(text: string): string | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, "$1");
  const [, address = bare] = BRACKETED.exec(bare) ?? WITH_PORT.exec(bare) ?? [];
  const [withoutZone = ""] = address.split("%");
  if (isIP(withoutZone) === 0) return undefined;
  if (isIPv4(withoutZone)) return withoutZone;
  const { address: spelled } = new SocketAddress({ family: "ipv6", address: withoutZone });
  return MAPPED.exec(spelled)?.[1] ?? spelled;
}
