import { isLoopback } from "../../lib/url.ts";
import { failure, type Observation, ok, unknown, warning } from "./finding.ts";
import { FAILURE_FIXES, type HttpAnswer, requestAnswer } from "./http-answer.ts";
import type { Subject } from "./subject.ts";

/** Whether this server, and no other, answers under BASE_URL. */
export async function checkBaseUrl(
  baseUrl: URL,
  subject: Subject,
): Promise<{ readonly reachable: boolean; readonly findings: readonly Observation[] }> {
  const url = `${baseUrl.href.replace(/\/+$/, "")}/healthz`;
  const answer = await requestAnswer(url);
  const finding = describeAnswer(url, answer, baseUrl, subject.nameOf("baseUrl"));
  return { reachable: finding.status === "ok", findings: [...checkPort(baseUrl), finding] };
}

// Hosted clients, such as Claude's connectors, connect to port 443 only.
function checkPort({ hostname, port }: URL): Observation[] {
  if (isLoopback(hostname) || port === "") {
    return [];
  }
  return [
    warning(
      `Clients that run in the cloud connect to port 443 only, and the server is at port ${port}.`,
      "Put it behind a reverse proxy on port 443.",
    ),
  ];
}

function describeAnswer(url: string, answer: HttpAnswer, baseUrl: URL, variable: string): Observation {
  if (!answer.answered) {
    return describeSilence(url, answer, baseUrl, variable);
  }
  const { status, headers, body } = answer;
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    return failure(
      `${url} redirects to ${location}, and clients don't follow redirects with a token.`,
      `Set ${variable} to the address that answers by itself, or end the redirect in the proxy.`,
    );
  }
  if (status === 200 && isHealthy(body)) {
    const here = isLoopback(baseUrl.hostname) ? " It is this machine only, so clients elsewhere can't reach it." : "";
    return ok(`The server answers at ${url}.${here}`);
  }
  const what = /^\s*</.test(body) ? "a web page" : "something else";
  return failure(
    `${url} answers ${status} and ${what}, which is not this server's answer.`,
    `Let the proxy in front forward every path under ${variable}; it may strip ${variable}'s own path or leave it. If another program is there, correct ${variable} or FASTMCP_PORT.`,
  );
}

function isHealthy(body: string): boolean {
  try {
    return (JSON.parse(body) as { readonly status?: unknown } | null)?.status === "ok";
  } catch {
    return false;
  }
}

function describeSilence(
  url: string,
  { cause, reason }: Extract<HttpAnswer, { readonly answered: false }>,
  { hostname }: URL,
  variable: string,
): Observation {
  const message = `${url} can't be reached: ${reason}.`;
  if (cause === "refused" && isLoopback(hostname)) {
    return unknown(message, "Start the server and run this again to check the way to it.");
  }
  return failure(message, `${FAILURE_FIXES[cause]} If it is another address, correct ${variable}.`);
}
