import { once } from "node:events";
import { isIP } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { describeConnectionFailure } from "../../lib/connection-failure.ts";
import { outgoing } from "../../outgoing.ts";

/** Seconds for one connection. */
const PATIENCE = 5;

/**
 * Whether `url`, which has just answered this machine, has a certificate that none of the authorities in Node.js
 * issued: the authority is in NODE_EXTRA_CA_CERTS or in this machine's operating system.
 */
export async function isTrustedHereOnly(url: URL): Promise<boolean> {
  if (url.protocol !== "https:") {
    return false;
  }
  const signal = AbortSignal.timeout(PATIENCE * 1000);
  const port = Number(url.port || 443);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  try {
    const socket = await outgoing().proxyOf(url.href)?.openTunnel(url.hostname, port, signal);
    const secured = connect({
      host,
      port,
      ...(socket !== undefined && { socket }),
      ...(isIP(host) === 0 && { servername: host }),
      ca: [...rootCertificates],
      rejectUnauthorized: true,
    });
    try {
      await once(secured, "secureConnect", { signal });
      return false;
    } finally {
      secured.destroy();
      socket?.destroy();
    }
  } catch (error) {
    return describeConnectionFailure(error).kind === "tls";
  }
}
