/** The proxy that a request goes through. */
export interface OutgoingProxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Its address, fit to be shown. */
  readonly address: string;
}

/** How requests leave this machine. */
export interface OutgoingTransport {
  /** As the global `fetch` (Fetch Standard). */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** `undefined`: straight to `url`. */
  proxyOf(url: string): OutgoingProxy | undefined;
}

const direct: OutgoingTransport = { fetch: (url, init) => fetch(url, init), proxyOf: () => undefined };

let current = direct;

/** How this process's requests to the identity provider leave this machine. */
export function outgoing(): OutgoingTransport {
  return current;
}

/** Sends them by `transport` from now on; `undefined` for straight. */
export function setOutgoing(transport: OutgoingTransport | undefined): void {
  current = transport ?? direct;
}
