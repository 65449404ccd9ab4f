import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { freePort } from "test-support/free-port";

/** The pages for login and consent that whoever runs Hydra writes: it has none of its own. */
export interface LoginApp {
  readonly url: string;
  close(): Promise<void>;
}

export interface LoginAppOptions {
  /** The admin API. */
  readonly admin: string;
  /** Whether this is a user's password, and the account is not disabled. */
  readonly accepts: (username: string, password: string) => boolean;
  /** What access tokens of this client are for, in addition to what it asks for. */
  readonly audiencesOf: (clientId: string) => readonly string[];
}

/** Starts the pages, by Hydra's guide: each looks its challenge up and accepts it at the admin API. */
export async function startLoginApp({ admin, accepts, audiencesOf }: LoginAppOptions): Promise<LoginApp> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await once(server.listen(Number(new URL(url).port), "127.0.0.1"), "listening");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", url);
    if (pathname === "/consent") {
      const challenge = searchParams.get("consent_challenge") ?? "";
      const asked = await get("consent", challenge);
      redirect(
        response,
        await accept("consent", challenge, {
          grant_scope: asked.requested_scope,
          grant_access_token_audience: [
            ...(asked.requested_access_token_audience ?? []),
            ...audiencesOf(asked.client.client_id),
          ],
        }),
      );
    } else if (request.method === "POST") {
      const form = new URLSearchParams(await text(request));
      const [username, password] = [form.get("username") ?? "", form.get("password") ?? ""];
      if (!accepts(username, password)) {
        return void response.writeHead(401).end("Wrong name or password");
      }
      const challenge = form.get("login_challenge") ?? "";
      redirect(response, await accept("login", challenge, { subject: username, remember: true, remember_for: 3600 }));
    } else {
      const challenge = searchParams.get("login_challenge") ?? "";
      const { skip, subject } = await get("login", challenge);
      if (skip) {
        return redirect(response, await accept("login", challenge, { subject }));
      }
      response.setHeader("Content-Type", "text/html");
      response.end(`<form method="post" action="/login">
        <input type="hidden" name="login_challenge" value="${challenge.replaceAll('"', "&quot;")}">
        <input name="username"><input type="password" name="password"><button>Log in</button></form>`);
    }
  }

  async function get(kind: "login" | "consent", challenge: string): Promise<Challenge> {
    return (await send(`${kind}?${kind}_challenge=${encodeURIComponent(challenge)}`)) as Challenge;
  }

  async function accept(kind: "login" | "consent", challenge: string, body: object): Promise<string> {
    const path = `${kind}/accept?${kind}_challenge=${encodeURIComponent(challenge)}`;
    return ((await send(path, { method: "PUT", body: JSON.stringify(body) })) as { redirect_to: string }).redirect_to;
  }

  async function send(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${admin}/admin/oauth2/auth/requests/${path}`, { ...init, headers });
    if (!answer.ok) {
      throw new Error(`Hydra answered ${answer.status}: ${await answer.text()}`);
    }
    return answer.json();
  }

  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Challenge {
  readonly skip?: boolean;
  readonly subject: string;
  readonly client: { readonly client_id: string };
  readonly requested_scope?: readonly string[];
  readonly requested_access_token_audience?: readonly string[];
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { Location: location }).end();
}
