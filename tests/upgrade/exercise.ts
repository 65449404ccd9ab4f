import type { Artifact, Outcome } from "./artifacts.ts";
import type { Answer } from "./harness.ts";
import type { Provider } from "./provider.ts";
import {
  approve,
  BASE_URL,
  callTool,
  openCallback,
  openConsent,
  postAs,
  redeem,
  refresh,
  requestTokens,
  type Surroundings,
} from "./steps.ts";

/** A server, and the stand-in for the provider that it logs users in at. */
export interface Deployment extends Surroundings {
  readonly provider: Provider;
}

type Exercise<K extends Artifact["kind"]> = (
  deployment: Deployment,
  artifact: Extract<Artifact, { kind: K }>,
) => Promise<Outcome>;

/** Uses an artifact for what it is for, to the end, through the server's endpoints. */
export function exercise(deployment: Deployment, artifact: Artifact): Promise<Outcome> {
  return (EXERCISES[artifact.kind] as Exercise<Artifact["kind"]>)(deployment, artifact);
}

const EXERCISES: { readonly [K in Artifact["kind"]]: Exercise<K> } = {
  async client(deployment, { client, shows }) {
    const page = await openConsent(deployment, client);
    // A good client is told that the code is bad, an unknown one that it is unknown.
    const answer = await requestTokens(deployment, client, {
      grant_type: "authorization_code",
      code: "no code",
      code_verifier: "v".repeat(43),
    });
    return {
      consent: page.status,
      hasForm: page.request !== undefined,
      shows: shows.filter((text) => page.text.includes(text)),
      authentication: errorOf(answer),
    };
  },

  async "consent form"(deployment, { client, request, cookie, account }) {
    const approved = await approve(deployment, request, cookie);
    if (approved.location === undefined) {
      return { consent: approved.status };
    }
    const callback = deployment.provider.logIn(approved.location, account);
    return {
      consent: approved.status,
      provider: authorizationRequest(approved.location),
      ...(await finishLogin(deployment, client, callback, approved.cookie)),
    };
  },

  async login(deployment, { client, callback, cookie }) {
    return finishLogin(deployment, client, callback, cookie);
  },

  async code(deployment, { client, code, dpop, sessionToken }) {
    const answer = await redeem(deployment, client, code, dpop);
    return { ...(await tokensAndCaller(deployment, answer, dpop)), ...(await session(deployment, sessionToken)) };
  },

  async "access token"(deployment, { accessToken, dpop }) {
    return caller(await callTool(deployment, accessToken, dpop));
  },

  async "refresh token"(deployment, { client, refreshToken, scope, dpop, sessionToken }) {
    const answer = await refresh(deployment, client, refreshToken, scope, dpop);
    return { ...(await tokensAndCaller(deployment, answer, dpop)), ...(await session(deployment, sessionToken)) };
  },

  async revocation(deployment, { client, token, sessionToken }) {
    const { status } = await postAs(deployment, client, `${BASE_URL}/revoke`, { token });
    return { revocation: status, ...(await session(deployment, sessionToken)) };
  },
};

/** What an access token of the same session is good for afterwards. */
async function session(deployment: Deployment, token: string | undefined): Promise<Outcome> {
  return token === undefined ? {} : { session: await caller(await callTool(deployment, token)) };
}

async function finishLogin(
  deployment: Deployment,
  client: Parameters<typeof redeem>[1],
  callback: string,
  cookie: string,
): Promise<Outcome> {
  const { status, location } = await openCallback(deployment, callback, cookie);
  if (location === undefined) {
    return { callback: status };
  }
  const { origin, pathname, searchParams } = new URL(location);
  const { code, ...others } = Object.fromEntries(searchParams);
  const redirect = { callback: status, client: `${origin}${pathname}`, parameters: others };
  if (code === undefined) {
    return redirect;
  }
  return { ...redirect, ...(await tokensAndCaller(deployment, await redeem(deployment, client, code))) };
}

/** Where the user is sent at the provider, and what is asked for there; what is random, by name only. */
function authorizationRequest(location: string): Outcome {
  const { origin, pathname, searchParams } = new URL(location);
  const random = ["state", "nonce", "code_challenge"];
  const parameters = [...searchParams].map(([name, value]) => [name, random.includes(name) ? "…" : value]);
  return { endpoint: `${origin}${pathname}`, parameters: Object.fromEntries(parameters) };
}

async function tokensAndCaller(deployment: Deployment, answer: Answer, dpop?: true): Promise<Outcome> {
  if (answer.status !== 200) {
    return { token: errorOf(answer) };
  }
  const { access_token, refresh_token, ...rest } = JSON.parse(answer.text) as Record<string, string>;
  return {
    token: { status: 200, ...rest, refreshToken: refresh_token !== undefined },
    ...(await caller(await callTool(deployment, access_token ?? "", dpop))),
  };
}

/** What the tool learned about its caller, or how the call was refused. */
async function caller(answer: Answer): Promise<Outcome> {
  if (answer.status !== 200) {
    return { call: { status: answer.status, error: challengeError(answer) } };
  }
  const message = JSON.parse(/^data: (\{.*)$/m.exec(answer.text)?.[1] ?? answer.text);
  // The recorded releases don't say which login a token is of, and each login is another one.
  const { token, login: _login, ...known } = JSON.parse(message.result.content[0].text) as Record<string, unknown>;
  // A token that is signed anew differs each time; its claims say what it is.
  return { caller: { ...known, providerToken: typeof token === "string" ? providerTokenKind(token) : null } };
}

function providerTokenKind(token: string): string {
  return token.split(".").length === 3 ? "JWT" : token;
}

function errorOf({ status, text }: Answer): Outcome {
  return { status, error: (JSON.parse(text) as { error?: unknown }).error };
}

function challengeError({ headers }: Answer): string | undefined {
  return /error="([^"]*)"/.exec(String(headers["www-authenticate"] ?? ""))?.[1];
}
