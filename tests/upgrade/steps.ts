import { createHash } from "node:crypto";
import type { RecordedClient } from "./artifacts.ts";
import type { Answer, UpgradeServer } from "./harness.ts";
import { signJwt, signProof, type TestKeys } from "./test-keys.ts";

export const BASE_URL = "https://mcp.example.test";
export const MCP_URL = `${BASE_URL}/mcp`;

/** Of RFC 7636 appendix B: the clients of the recording have nothing to hide. */
const CODE_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CODE_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** What the steps of a client need to know of their surroundings. */
export interface Surroundings {
  readonly server: UpgradeServer;
  readonly keys: TestKeys;
  /** Seconds since the Unix epoch. */
  readonly now: number;
}

export interface ConsentPage {
  readonly status: number;
  readonly text: string;
  /** The sealed request in it; absent: the page has no form. */
  readonly request: string | undefined;
  readonly cookie: string;
}

/** A redirect, and the cookies that the browser has after it. */
export interface Redirect {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookie: string;
}

export async function openConsent(
  { server }: Surroundings,
  client: RecordedClient,
  parameters: Readonly<Record<string, string>> = {},
): Promise<ConsentPage> {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.id,
    redirect_uri: client.redirectUri,
    state: "the state of the client",
    code_challenge: CODE_CHALLENGE,
    code_challenge_method: "S256",
    resource: MCP_URL,
    ...parameters,
  });
  const answer = await server.send(`${BASE_URL}/authorize?${query}`);
  const request = /name="request" value="([^"]+)"/.exec(answer.text)?.[1];
  return { status: answer.status, text: answer.text, request, cookie: cookiesOf(answer) };
}

export async function approve({ server }: Surroundings, request: string, cookie: string): Promise<Redirect> {
  const body = new URLSearchParams({ request, decision: "allow" }).toString();
  const headers = { ...FORM, origin: BASE_URL, cookie };
  return redirectOf(await server.send(`${BASE_URL}/consent`, { method: "POST", headers, body }));
}

export async function openCallback({ server }: Surroundings, callback: string, cookie: string): Promise<Redirect> {
  return redirectOf(await server.send(callback, { headers: { cookie } }));
}

export function redeem(surroundings: Surroundings, client: RecordedClient, code: string, dpop?: true): Promise<Answer> {
  return requestTokens(
    surroundings,
    client,
    { grant_type: "authorization_code", code, redirect_uri: client.redirectUri, code_verifier: CODE_VERIFIER },
    dpop,
  );
}

export function refresh(
  surroundings: Surroundings,
  client: RecordedClient,
  refreshToken: string,
  scope?: string,
  dpop?: true,
): Promise<Answer> {
  const parameters = {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    ...(scope !== undefined && { scope }),
  };
  return requestTokens(surroundings, client, parameters, dpop);
}

/** Posts to the token endpoint with the client's credentials. */
export async function requestTokens(
  surroundings: Surroundings,
  client: RecordedClient,
  parameters: Readonly<Record<string, string>>,
  dpop?: true,
): Promise<Answer> {
  return postAs(surroundings, client, `${BASE_URL}/token`, { resource: MCP_URL, ...parameters }, dpop);
}

export async function postAs(
  surroundings: Surroundings,
  client: RecordedClient,
  url: string,
  parameters: Readonly<Record<string, string>>,
  dpop?: true,
): Promise<Answer> {
  const credentials = await credentialsOf(client, surroundings);
  const proof = dpop === undefined ? {} : { DPoP: await proofFor("POST", url, surroundings) };
  return surroundings.server.send(url, {
    method: "POST",
    headers: { ...FORM, ...credentials.headers, ...proof },
    body: new URLSearchParams({ ...parameters, ...credentials.parameters }).toString(),
  });
}

/** Calls the tool `whoami`. */
export async function callTool(surroundings: Surroundings, accessToken: string, dpop?: true): Promise<Answer> {
  const authorization: Record<string, string> =
    dpop === undefined
      ? { authorization: `Bearer ${accessToken}` }
      : { authorization: `DPoP ${accessToken}`, DPoP: await proofFor("POST", MCP_URL, surroundings, accessToken) };
  return surroundings.server.send(MCP_URL, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...authorization,
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "whoami", arguments: {} },
    }),
  });
}

function proofFor(method: string, url: string, { keys, now }: Surroundings, accessToken?: string): Promise<string> {
  const ath = accessToken && createHash("sha256").update(accessToken).digest("base64url");
  return signProof(keys.dpop, { htm: method, htu: url, iat: now, ...(ath !== undefined && { ath }) });
}

async function credentialsOf(
  { id, authMethod, secret = "" }: RecordedClient,
  { keys, now }: Surroundings,
): Promise<{ readonly parameters: Record<string, string>; readonly headers?: Record<string, string> }> {
  switch (authMethod) {
    case "none":
      return { parameters: { client_id: id } };
    case "client_secret_post":
      return { parameters: { client_id: id, client_secret: secret } };
    case "client_secret_basic": {
      const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
      return { parameters: {}, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
    }
    case "private_key_jwt": {
      const claims = { iss: id, sub: id, aud: `${BASE_URL}/`, jti: crypto.randomUUID(), iat: now, exp: now + 60 };
      return {
        parameters: {
          client_id: id,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: await signJwt(keys.client, claims),
        },
      };
    }
  }
}

function redirectOf(answer: Answer): Redirect {
  const { location } = answer.headers;
  return {
    status: answer.status,
    location: typeof location === "string" ? location : undefined,
    cookie: cookiesOf(answer),
  };
}

/** The cookies that an answer sets, as a browser sends them back. */
function cookiesOf({ headers }: Answer): string {
  return [headers["set-cookie"] ?? []]
    .flat()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
}
