import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the provider got it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

export interface ProviderServer {
  readonly origin: string;
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

/** Answers one request; `undefined` leaves it open. */
export type Answer = (request: ReceivedRequest) =>
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    }
  | undefined;

/** A provider on 127.0.0.1 that answers as told, until the test has finished. */
export async function startProvider(answer: Answer): Promise<ProviderServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const received = await receive(request);
    requests.push(received);
    send(response, answer(received));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
  }
  return {
    path: request.url ?? "",
    authorization: request.headers.authorization,
    form: Object.fromEntries(new URLSearchParams(body)),
  };
}

function send(response: ServerResponse, answer: ReturnType<Answer>): void {
  if (answer === undefined) {
    return;
  }
  const { status = 200, headers = {}, json, text } = answer;
  response.writeHead(status, { ...(json !== undefined && { "content-type": "application/json" }), ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}
