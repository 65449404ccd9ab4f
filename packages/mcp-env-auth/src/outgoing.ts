import type { Socket } from "node:net";

/** The proxy that a request goes through. */
export interface OutgoingProxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Its address, fit to be shown. */
  readonly address: string;
  /**
   * Opens a tunnel to `port` of `host` (CONNECT, RFC 9110 section 9.3.6), which is a name. The proxy resolves that
   * name. `signal` ends the tunnel, open or not. Settles only when none of its work goes on.
   *
   * @throws TunnelError if the proxy refuses; whatever the connection to the proxy fails with.
   */
  openTunnel(host: string, port: number, signal: AbortSignal): Promise<Socket>;
}

/** How requests leave this machine. */
export interface OutgoingTransport {
  /** As the global `fetch` (Fetch Standard). */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** `undefined`: straight to `url`. */
  proxyOf(url: string): OutgoingProxy | undefined;
  /** The certificate authorities to trust, in PEM; `undefined` for those of Node.js. */
  readonly authorities: readonly string[] | undefined;
}

/** A proxy answered, and opened no tunnel. */
export class TunnelError extends Error {
  override readonly name = "TunnelError";
  /** The status of its answer. */
  readonly status: number;

  constructor(status: number) {
    super(`The proxy answered ${status}.`);
    this.status = status;
  }
}

const direct: OutgoingTransport = {
  fetch: (url, init) => fetch(url, init),
  proxyOf: () => undefined,
  authorities: undefined,
};
let current = direct;

/** How this process's requests to the identity provider leave this machine. */
export function outgoing(): OutgoingTransport {
  return current;
}

/** Sends them by `transport` from now on; `undefined` for straight. */
export function setOutgoing(transport: OutgoingTransport | undefined): void {
  current = transport ?? direct;
}

/**
 * Why nothing came through a proxy, and what to do: what follows a colon in the log.
 *
 * @param found what was seen, if the proxy did not answer with a `status`.
 */
export function describeProxyFailure(
  found: string,
  status: number | undefined,
  { address, variable }: Pick<OutgoingProxy, "address" | "variable">,
): string {
  const where = `the proxy ${address} of ${variable}`;
  if (status === undefined) {
    return `${found}, through ${where}. Check ${variable}, or add the host to NO_PROXY if it can be reached directly.`;
  }
  const advice =
    status === 407
      ? `It wants credentials: write ${variable}=http://user:password@host:port.`
      : "Ask who runs it whether it lets this address through.";
  return `${where} answered ${status}. ${advice}`;
}
