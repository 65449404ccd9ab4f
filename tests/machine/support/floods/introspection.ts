import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fetchFrom } from "../local-address.ts";
import { PLACES, rounds, type User } from "./user.ts";

/** What the issuer takes for an answer, as one on the internet does. */
const LATENCY_MS = 100;

const GOOD = "good-";

/** An issuer that says of each token whether it is good (RFC 7662). */
export interface Issuer {
  /** The variables of a server that asks it. */
  env(): Record<string, string>;
  /** How many tokens that are not good it was asked about. */
  refused(): number;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  let refused = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const token = new URLSearchParams(Buffer.concat(chunks).toString()).get("token") ?? "";
    const active = token.startsWith(GOOD);
    refused += active ? 0 : 1;
    await sleep(LATENCY_MS);
    const claims = { active, sub: token, client_id: "client", scope: "openid weather:read", token_type: "Bearer" };
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(active ? claims : { active }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const prefix = "FASTMCP_SERVER_AUTH_INTROSPECTION_";
  return {
    env: () => ({
      FASTMCP_SERVER_AUTH: "introspection",
      [`${prefix}INTROSPECTION_URL`]: `http://127.0.0.1:${port}/introspect`,
      [`${prefix}CLIENT_ID`]: "server",
      [`${prefix}CLIENT_SECRET`]: "a long random secret of this server",
    }),
    refused: () => refused,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What a caller's requests come to who notices nothing. */
export const SERVED: ReadonlySet<string> = new Set(["call succeeded"]);

/** Somebody with a token of the issuer's, who calls with it, and then with a new one, round after round. */
export function startCaller(origin: string, address: string): User {
  const from = fetchFrom(address);
  let tokens = 0;
  return rounds(async (tell) => {
    const token = `${GOOD}${address}-${tokens++}`;
    for (let count = 0; count < 2; count++) {
      await tell(() => call(token), "call");
    }
  });

  async function call(token: string): Promise<void> {
    const answer = await from(`${origin}/mcp`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        Authorization: `Bearer ${token}`,
      },
      body: JSON.stringify(PLACES),
    });
    const text = await answer.text();
    if (!text.includes('"places":[')) {
      throw new Error(`${answer.status} ${text.slice(0, 200)}`);
    }
  }
}
