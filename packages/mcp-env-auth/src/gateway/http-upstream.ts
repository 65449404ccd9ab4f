import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { outgoing } from "../outgoing.ts";
import { UpstreamFault } from "./upstream-fault.ts";

/** Less than the servers of Node.js and Python keep an idle connection for: one that they just closed fails a call. */
const IDLE_MS = 3000;

/** How long a connection may take to be made. */
const CONNECT_MS = 5000;

/** What is asked of an upstream. */
export interface UpstreamRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Whether it may be sent once more, when a kept connection turns out to be closed. */
  readonly isRepeatable: boolean;
  /** Ends the request, whatever of it is under way. */
  readonly signal: AbortSignal;
}

/** An MCP server that is asked over HTTP, by connections that are kept. */
export interface HttpUpstream {
  readonly url: URL;
  /** The answer, whose body is not read yet. Redirects are not followed. @throws UpstreamFault */
  ask(request: UpstreamRequest): Promise<IncomingMessage>;
  close(): void;
}

export interface HttpUpstreamOptions {
  readonly url: URL;
  /** Seconds until the upstream must begin to answer. */
  readonly timeout: number;
}

export function createHttpUpstream({ url, timeout }: HttpUpstreamOptions): HttpUpstream {
  const isSecure = url.protocol === "https:";
  const agent = isSecure
    ? new SecureAgent({ keepAlive: true, timeout: IDLE_MS, ca: outgoing().authorities as string[] | undefined })
    : new Agent({ keepAlive: true, timeout: IDLE_MS });
  const send = isSecure ? secureRequest : plainRequest;

  async function ask(asked: UpstreamRequest, isSecond = false): Promise<IncomingMessage> {
    const { method, body, signal } = asked;
    const headers = { ...asked.headers, ...(body !== undefined && { "content-length": String(body.length) }) };
    const sent = send(url, { method, headers, agent, signal });
    try {
      return await answerTo(sent, body, { url, timeout });
    } catch (error) {
      sent.destroy();
      const isStale = sent.reusedSocket && error instanceof UpstreamFault && error.kind === "broken";
      if (isStale && asked.isRepeatable && !isSecond && !signal.aborted) {
        return ask(asked, true);
      }
      throw error;
    }
  }

  return { url, ask: (request) => ask(request), close: () => agent.destroy() };
}

/** Sends `body`, and waits for the answer to begin. @throws UpstreamFault */
function answerTo(
  sent: ClientRequest,
  body: Buffer | undefined,
  { url, timeout }: HttpUpstreamOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const late = () =>
      new UpstreamFault(
        "slow",
        `The upstream ${url.host} did not begin to answer within ${timeout} s. Set FASTMCP_UPSTREAM_TIMEOUT if its calls take longer.`,
      );
    const unconnected = () =>
      new UpstreamFault(
        "unreachable",
        `The upstream ${url.host} could not be connected to within ${CONNECT_MS / 1000} s.`,
      );
    const answering = setTimeout(() => sent.destroy(late()), timeout * 1000);
    const connecting = setTimeout(() => sent.destroy(unconnected()), CONNECT_MS);
    const settle = () => {
      clearTimeout(answering);
      clearTimeout(connecting);
    };
    const connected = () => {
      isConnected = true;
      clearTimeout(connecting);
    };
    const ready = url.protocol === "https:" ? "secureConnect" : "connect";
    sent.once("socket", (socket) => (socket.connecting ? socket.once(ready, connected) : connected()));
    sent.once("response", (answer) => {
      settle();
      resolve(answer);
    });
    // It would go on without HTTP, and without us.
    sent.once("upgrade", (_answer, socket) => {
      socket.destroy();
      settle();
      reject(new UpstreamFault("unusable", `The upstream ${url.host} changed the protocol without being asked to.`));
    });
    sent.on("error", (error) => {
      settle();
      reject(error instanceof UpstreamFault ? error : UpstreamFault.of(error, url, isConnected));
    });
    sent.end(body);
  });
}
