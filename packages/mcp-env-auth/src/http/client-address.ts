import type { IncomingMessage } from "node:http";
import { isIP, isIPv4, SocketAddress } from "node:net";
import type { Request } from "express";

/**
 * Returns the IP address of a client: the one that the trusted proxies report, in any form that load balancers write
 * into X-Forwarded-For. If that isn't an address, such as `unknown`, returns the connection's own.
 */
export function clientAddress(request: Pick<Request, "socket"> & { readonly ip?: string | undefined }): string {
  return readAddress(request.ip ?? "") ?? readAddress(request.socket.remoteAddress ?? "") ?? "";
}

/**
 * As {@link clientAddress}, for a request that Express has not seen.
 *
 * @param trustedProxies how many proxies in front write X-Forwarded-For.
 */
export function requestAddress(request: IncomingMessage, trustedProxies: number): string {
  const { socket, headers } = request;
  // An app's own setting counts where an app serves the request.
  if ("ip" in request) {
    return clientAddress(request as Request);
  }
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",");
  const reported = forwarded.split(",").filter((part) => part.trim() !== "");
  // Each proxy appends the address that it was called from.
  const ip = trustedProxies === 0 ? undefined : reported.at(-Math.min(trustedProxies, reported.length));
  return clientAddress({ ip, socket });
}

const BRACKETED = /^\[([^\]]*)\](?::\d*)?$/;
const WITH_PORT = /^([\d.]+):\d*$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/**
 * An address without port, brackets, quotes and zone, in one spelling; `undefined` for what is none.
 *
 * With a port: Azure Application Gateway, AWS with client port preservation, IIS. In brackets and quotes: RFC 7239
 * section 6.
 */
export function readAddress(text: string): string | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, "$1");
  const [, address = bare] = BRACKETED.exec(bare) ?? WITH_PORT.exec(bare) ?? [];
  const [withoutZone = ""] = address.split("%");
  if (isIP(withoutZone) === 0) {
    return undefined;
  }
  if (isIPv4(withoutZone)) {
    return withoutZone;
  }
  const { address: spelled } = new SocketAddress({ family: "ipv6", address: withoutZone });
  return MAPPED.exec(spelled)?.[1] ?? spelled;
}
