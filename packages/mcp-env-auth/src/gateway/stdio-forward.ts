import type { ServerResponse } from "node:http";
import { isRecord } from "../authorization/operations.ts";
import { INVALID_REQUEST } from "../http/json-rpc.ts";
import type { Admitted, McpExchange } from "../http/mcp-endpoint.ts";
import { InvalidMessage } from "../http/mcp-refusals.ts";
import { sendErrorBody, sendJson } from "../http/oauth-error-response.ts";
import { isWithoutSessions, SESSION_HEADER } from "../http/session-requests.ts";
import type { Logger } from "../logger.ts";
import { SessionNotFound, UnwantedAnswer } from "../sessions/refusals.ts";
import { answerFault } from "./answer-fault.ts";
import { checkFieldNames } from "./exact-fields.ts";
import { filterLists, type SchemesOf } from "./filter-lists.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";
import { judgeForeign } from "./judge-foreign.ts";
import type { ProcessPool } from "./process-pool.ts";
import type { StdioPeer } from "./stdio-peer.ts";
import { UpstreamFault } from "./upstream-fault.ts";
import type { UpstreamSessions } from "./upstream-session.ts";

type Message = Readonly<Record<string, unknown>>;

export interface StdioForwarderOptions {
  readonly pool: ProcessPool;
  readonly sessions: UpstreamSessions;
  readonly policy: ForeignPolicy | undefined;
  readonly schemesOf: SchemesOf;
  /** Seconds until a request must be answered. */
  readonly timeout: number;
  readonly logger: Logger;
}

/** Has the process of its user answer each request. A session is one process: with another, clients begin anew. */
export function createStdioForwarder(options: StdioForwarderOptions): McpExchange {
  const { pool, sessions, policy, timeout, logger } = options;
  return async (admitted) => {
    const { request, response, body, caller, calls } = admitted;
    const token = caller?.token;
    const named = isWithoutSessions(request, body) ? undefined : request.headers[SESSION_HEADER];
    const known = named === undefined ? undefined : pool.find(token);
    if (named !== undefined && known?.id !== (await sessions.open(String(named), token))) {
      throw new SessionNotFound();
    }
    if (request.method !== "POST") {
      return answerOther(request.method, response, known);
    }
    checkFieldNames(body);
    if (!isRecord(body)) {
      throw new InvalidMessage(INVALID_REQUEST, "Batches are not supported here. Send one message at a time.");
    }
    const missing = policy && token && judgeForeign(body, token, policy);
    if (missing !== undefined) {
      calls?.answered(missing);
      return sendJson(response, 200, missing);
    }
    try {
      const peer = known ?? pool.enter(token);
      if (body.method === "initialize") {
        const id = await sessions.seal(peer.id, token);
        response.setHeader("Mcp-Session-Id", id ?? "");
      }
      await pass(body, peer, admitted);
    } catch (error) {
      if (!(error instanceof UpstreamFault)) {
        throw error;
      }
      answerFault(error, admitted, logger);
    }
  };

  async function pass(message: Message, peer: StdioPeer, admitted: Admitted): Promise<void> {
    const { response } = admitted;
    if (message.method !== undefined && message.id !== undefined) {
      return ask(message, peer, admitted);
    }
    if (message.method !== undefined) {
      peer.tell(message);
    } else if (!peer.reply(message)) {
      throw new UnwantedAnswer("Nobody waits for this answer.");
    }
    response.writeHead(202).end();
  }

  /** Settles when the answer is sent, or the client has left. @throws UpstreamFault */
  function ask(message: Message, peer: StdioPeer, admitted: Admitted): Promise<void> {
    const { request, response, caller, calls, dialect } = admitted;
    const takesEvents = /text\/event-stream|\*\/\*/.test(request.headers.accept ?? "*/*");
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        leave();
        const text = `The command did not answer within ${timeout} s. Set FASTMCP_UPSTREAM_TIMEOUT if its calls take longer.`;
        finish(() => reject(new UpstreamFault("slow", text)));
      }, timeout * 1000);
      const resume = () => peer.resume();
      const left = () => {
        leave();
        calls?.end("cancelled");
        finish(resolve);
      };
      const finish = (settle: () => void) => {
        clearTimeout(late);
        response.off("drain", resume).off("close", left);
        peer.resume();
        settle();
      };
      response.on("drain", resume).on("close", left);
      const schemesOf = dialect?.() === "chatgpt" ? options.schemesOf : undefined;
      const leave = peer.ask(message, {
        takesEvents,
        take(original, isAnswer) {
          const edited = policy && caller && filterLists(original, caller.token, policy, schemesOf);
          const sent = edited ?? original;
          if (isAnswer) {
            calls?.answered(sent);
            finish(resolve);
          }
          return send(sent, isAnswer, response);
        },
        fail(reason) {
          const text = `The command of a user ended before it answered: ${reason}.`;
          finish(() => reject(new UpstreamFault("broken", text)));
        },
      });
    });
  }
}

/** An answer that nothing comes before is JSON; anything else makes the answer a stream. */
function send(message: object, isAnswer: boolean, response: ServerResponse): boolean {
  if (isAnswer && !response.headersSent) {
    sendJson(response, 200, message);
    return true;
  }
  if (!response.headersSent) {
    const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" };
    response.writeHead(200, headers);
  }
  const isRoomy = response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  if (isAnswer) {
    response.end();
  }
  return isRoomy || isAnswer;
}

function answerOther(method: string | undefined, response: ServerResponse, peer: StdioPeer | undefined): void {
  if (method === "DELETE" && peer !== undefined) {
    response.writeHead(204).end();
    return;
  }
  response.setHeader("Allow", "POST, DELETE");
  sendErrorBody(response, 405, "invalid_request", "Use POST here: a command sends nothing outside of calls.");
}
