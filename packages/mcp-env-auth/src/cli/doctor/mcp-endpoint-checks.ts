import { randomUUID } from "node:crypto";
import { failure, type Observation, ok, unknown } from "./finding.ts";
import { type HttpAnswer, requestAnswer } from "./http-answer.ts";
import type { Subject } from "./subject.ts";

/** Whether the MCP endpoint challenges as it must, and whether a proxy in front passes the headers that matter. */
export async function checkMcpEndpoint(url: string, subject: Subject): Promise<Observation> {
  const plain = await post(url);
  const problem = describeAnswer(url, plain, subject);
  if (problem !== undefined) {
    return problem;
  }
  const challenge = challengeOf(plain);
  const expected = subject.metadata?.url;
  if (challenge === undefined) {
    return failure(
      `${url} answers 401 without WWW-Authenticate, so clients don't find out where to log in.`,
      "Let the proxy in front pass the WWW-Authenticate header, and answer nothing itself.",
    );
  }
  if (expected !== undefined && !challenge.includes(`resource_metadata="${expected}"`)) {
    return failure(
      `The challenge of ${url} does not point to ${expected}`,
      "Start the server with this same environment, and let the proxy change no header.",
    );
  }
  // A token that can't be good: a server that sees it says so, one that does not asks for a token.
  const withToken = await post(url, `doctor-${randomUUID()}`);
  if (withToken.answered && withToken.status === 503) {
    return unknown(
      `${url} challenges as it must; the server does not know its provider yet.`,
      "Run this again in a moment.",
    );
  }
  if (challengeOf(withToken)?.includes('error="invalid_token"') !== true) {
    return failure(
      `${url} does not see the Authorization header.`,
      "Let the proxy in front pass the Authorization header.",
    );
  }
  return ok(`${url} asks for a token and sees the one it is given.`);
}

function post(url: string, token?: string): Promise<HttpAnswer> {
  return requestAnswer(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    // What no server lets strangers do, whatever it has that is public, and refuses by HTTP status in every dialect.
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "prompts/get", params: { arguments: {} } }),
  });
}

function challengeOf(answer: HttpAnswer): string | undefined {
  return answer.answered ? (answer.headers.get("www-authenticate") ?? undefined) : undefined;
}

function describeAnswer(url: string, answer: HttpAnswer, { nameOf }: Subject): Observation | undefined {
  if (!answer.answered) {
    return failure(`${url} can't be reached: ${answer.reason}.`);
  }
  const { status, headers } = answer;
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    return failure(
      `${url} redirects to ${location}; clients lose their request or their token on the way.`,
      "End the redirect in the proxy: trailing slashes, http to https, and host names must be right without one.",
    );
  }
  if (status === 401) {
    return undefined;
  }
  const fix =
    status === 403
      ? `Let the proxy pass the Host that the client sends, or add what it sends to FASTMCP_HTTP_ALLOWED_HOSTS.`
      : `Let the proxy forward POST requests to it, and compare ${nameOf("baseUrl")} and FASTMCP_STREAMABLE_HTTP_PATH with the running server's.`;
  return failure(`${url} answers ${status} to a request without a token, and must answer 401.`, fix);
}
