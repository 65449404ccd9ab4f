import type { Observation } from "../finding.ts";
import type { HttpAnswer, HttpFailure } from "../http-answer.ts";
import { requestAnswer } from "../http-answer.ts";
import type { RecordedClient } from "./recorded-client.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a client has found out so far. */
export interface Learned {
  /** The challenge of the MCP endpoint. */
  readonly challenge?: string;
  readonly resourceMetadata?: JsonObject;
  readonly issuer?: string;
  readonly serverMetadata?: JsonObject;
  readonly clientId?: string;
}

/** A client at work on a server. */
export interface Progress extends Learned {
  readonly client: RecordedClient;
  /** The MCP endpoint. */
  readonly url: URL;
}

/** What came of a stage: the client goes on unless one of the observations is a failure. */
export interface StageResult {
  readonly observations: readonly Observation[];
  readonly learned?: Learned;
}

/** One thing that a client does between its first request and the login. */
export interface Stage {
  /** What `--json` calls it. */
  readonly name: string;
  /** What the terminal and docs/cli.md call it. */
  readonly title: string;
  /** What it asks, for docs/cli.md, which is generated from this: a fragment in Markdown. */
  readonly asks: string;
  run(progress: Progress): Promise<StageResult>;
}

const MAX_REDIRECTS = 5;

/** A document that a client looked for at several addresses. */
export interface Search {
  readonly url: string;
  readonly json: JsonObject;
}

/** Why there was no such document at any of the addresses. */
export interface FailedSearch {
  readonly problems: readonly string[];
  /** Why none could be reached; `undefined` if one answered. */
  readonly cause: HttpFailure | undefined;
}

/** Fetches the first of these addresses that answers with a JSON object, as the client does. */
export async function findJson(addresses: readonly string[], client: RecordedClient): Promise<Search | FailedSearch> {
  const problems: string[] = [];
  const causes: HttpFailure[] = [];
  for (const url of new Set(addresses)) {
    const { answer, at } = await get(url, client);
    const problem = describeProblem(answer, { url, at, client });
    const json = problem === undefined && answer.answered ? parseJson(answer.body) : undefined;
    if (json !== undefined) {
      return { url, json };
    }
    problems.push(`${url} ${problem ?? "is not a JSON object"}`);
    causes.push(...(answer.answered ? [] : [answer.cause]));
  }
  return { problems, cause: causes.length === problems.length ? causes[0] : undefined };
}

async function get(url: string, client: RecordedClient): Promise<{ readonly answer: HttpAnswer; readonly at: string }> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const answer = await requestAnswer(at, { headers: { ...client.headers, ...originOf(client) } });
    const redirect = answer.answered ? redirectOf(answer, at) : undefined;
    if (redirect === undefined || !follows(client, at, redirect.target) || redirects === MAX_REDIRECTS) {
      return { answer, at };
    }
    at = redirect.target.href;
  }
}

function follows({ followsRedirects }: RecordedClient, from: string, target: URL): boolean {
  return followsRedirects === "same origin" ? target.origin === new URL(from).origin : followsRedirects === "all";
}

/** @param where `at`: the address that answered, after redirects. */
function describeProblem(
  answer: HttpAnswer,
  { url, at, client }: { readonly url: string; readonly at: string; readonly client: RecordedClient },
): string | undefined {
  if (!answer.answered) {
    const where = at === url ? "" : `redirects to ${quote(at)}, which `;
    return `${where}can't be reached: ${answer.reason}`;
  }
  const redirect = redirectOf(answer, at);
  if (redirect !== undefined) {
    return `redirects to ${redirect.location}, where this client does not follow`;
  }
  if (answer.status !== 200) {
    return `answers ${answer.status}`;
  }
  return isReadable(answer.headers, client)
    ? undefined
    : "has no Access-Control-Allow-Origin, so a web page can't read it";
}

/** The target of a redirect from `url`: as it was sent, and whole. */
export function redirectOf(
  { status, headers }: { readonly status: number; readonly headers: Headers },
  url: string,
): { readonly location: string; readonly target: URL } | undefined {
  const location = headers.get("location");
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, url)) {
    return undefined;
  }
  return { location: quote(location), target: new URL(location, url) };
}

/** Whether a server's text is an address that a client can ask. */
export function isWebUrl(text: unknown): text is string {
  return typeof text === "string" && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Fetch Standard section 4.10: whether a page may read an answer without credentials. */
export function isReadable(headers: Headers, { origin }: RecordedClient): boolean {
  const allowed = headers.get("access-control-allow-origin");
  return origin === undefined || allowed === "*" || allowed === origin;
}

export function originOf({ origin }: RecordedClient): Record<string, string> {
  return origin === undefined ? {} : { Origin: origin };
}

export function parseJson(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** A text of the server's for a line of ours: one line, and not too long. */
export function quote(text: unknown): string {
  const line = String(text).replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** One parameter of a challenge (RFC 9110 section 11.6.1). */
export function readParameter(challenge: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`, "i").exec(challenge)?.[1];
}
