import { setTimeout as sleep } from "node:timers/promises";
import { oauthSteps, type Session } from "../../../support/oauth-steps.ts";
import { fetchFrom } from "../local-address.ts";

/** What an honest client waits for an answer. */
const PATIENCE_MS = 10_000;

/** Far below what one address may send in a minute. */
const PAUSE_MS = 400;

export const PLACES = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list_saved_places", arguments: {} },
};

/** What a user's requests come to who notices nothing. */
export const SUCCESS: ReadonlySet<string> = new Set(["login succeeded", "call succeeded", "refresh succeeded"]);

/** Somebody who uses the server as people do, from an address of their own. */
export interface User {
  /** Stops after the round that has begun. How each request went: `call 200`, or what went wrong. */
  stop(): Promise<readonly string[]>;
}

/** Logs in, calls, refreshes and calls again, round after round. */
export function startUser(origin: string, address: string, username = "alice"): User {
  const from = fetchFrom(address);
  const patient: typeof fetch = (input, init) => within(from(input, init));
  const { getSession, call } = oauthSteps(origin, patient);
  return rounds(async (tell) => {
    const session = await tell(async () => getSession(username, { scope: "openid weather:read" }), "login");
    if (session !== undefined) {
      await use(session, tell);
    }
  });

  async function use(session: Session, tell: Tell): Promise<void> {
    await tell(() => callWith(session), "call");
    const renewed = await tell(async () => session.renewed(await session.refresh()), "refresh");
    if (renewed !== undefined) {
      await tell(() => callWith(renewed), "call");
    }
  }

  async function callWith({ accessToken }: Session): Promise<void> {
    const answer = await call(accessToken, PLACES);
    const text = await answer.text();
    if (!text.includes('"places":[')) {
      throw new Error(`${answer.status} ${text.slice(0, 200)}`);
    }
  }
}

/** Notes how a request went. */
export type Tell = <Result>(request: () => Promise<Result>, name: string) => Promise<Result | undefined>;

/** A user who does the same again and again. */
export function rounds(round: (tell: Tell) => Promise<void>): User {
  const outcomes: string[] = [];
  let stopped = false;
  const tell: Tell = async (request, name) => {
    try {
      const result = await request();
      outcomes.push(`${name} succeeded`);
      return result;
    } catch (error) {
      outcomes.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const running = (async () => {
    do {
      await round(tell);
      await sleep(PAUSE_MS);
    } while (!stopped);
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return outcomes;
    },
  };
}

async function within(answer: Promise<Response>): Promise<Response> {
  const patience = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`No answer within ${PATIENCE_MS / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    patience.abort();
  }
}
