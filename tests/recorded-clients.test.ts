import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser, logIn } from "test-support/browser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizationUrl } from "../packages/mcp-env-auth/src/cli/doctor/replay/authorization-url.ts";
import type { Progress } from "../packages/mcp-env-auth/src/cli/doctor/replay/progress.ts";
import type { RecordedClient } from "../packages/mcp-env-auth/src/cli/doctor/replay/recorded-client.ts";
import { recordedClients } from "../packages/mcp-env-auth/src/cli/doctor/replay/recorded-clients.ts";
import { replay } from "../packages/mcp-env-auth/src/cli/doctor/replay/replay.ts";
import { type InProcessServer, launchInProcess } from "./support/in-process.ts";

/** Clients that can't run here: their recordings, taken through a whole login. */
const NOT_RUN = recordedClients.filter(({ source }) => source.kind === "recorded");

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };
beforeAll(async () => {
  auth0 = await startDevAuth0();
  // Nothing on this machine can fetch their documents, so they register.
  const env = { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS: "[]" };
  server = await launchInProcess({ auth0, env });
});
afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

/** What the registration gave to the client. */
interface Registered {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
}

/**
 * How it authenticates at the token endpoint: as registered, but for one that sends Basic without a secret and no
 * client_id.
 */
function authentication({ name }: RecordedClient, registered: Registered): { headers: object; form: object } {
  const { client_id, client_secret = "", token_endpoint_auth_method: method } = registered;
  if (name === "n8n" || method === "client_secret_basic") {
    const credentials = [client_id, client_secret].map(encodeURIComponent).join(":");
    return { headers: { Authorization: `Basic ${btoa(credentials)}` }, form: {} };
  }
  return { headers: {}, form: { client_id, ...(method === "client_secret_post" && { client_secret }) } };
}

async function discover(client: RecordedClient): Promise<Progress> {
  const steps = replay(client, new URL(server.url));
  for (;;) {
    const { done, value } = await steps.next();
    if (done) {
      return value;
    }
    expect(value.status, `${value.check}: ${value.message}`).not.toBe("failure");
  }
}

async function register({ serverMetadata, client }: Progress): Promise<Registered> {
  const answer = await fetch(String(serverMetadata?.registration_endpoint), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(client.registration.request),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Registered;
}

describe.each(NOT_RUN)("$title, as it was recorded", (client) => {
  it("finds its way, logs in, calls and refreshes", async () => {
    const progress = await discover(client);
    const registered = await register(progress);
    const { redirectUri, stateLength = 32 } = client.login;
    const state = "s".repeat(stateLength);
    const verifier = "v".repeat(43);
    const url = authorizationUrl(progress, {
      endpoint: String(progress.serverMetadata?.authorization_endpoint),
      clientId: registered.client_id,
      state,
      verifier,
    });
    const redirect = await logIn(new Browser(), url, { redirectUri, username: "alice" });
    expect(redirect.href.startsWith(redirectUri)).toBe(true);
    expect(redirect.searchParams.get("state")).toBe(state);

    const { headers, form } = authentication(client, registered);
    const request = async (grant: Record<string, string>) => {
      const answer = await fetch(String(progress.serverMetadata?.token_endpoint), {
        method: "POST",
        headers: { ...headers },
        body: new URLSearchParams({ ...grant, ...form }),
      });
      const tokens = (await answer.json()) as Record<string, string>;
      expect([answer.status, tokens.error_description]).toEqual([200, undefined]);
      return tokens;
    };
    const tokens = await request({
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    expect((await server.call(tokens.access_token ?? "")).status).toBe(200);
    const renewed = await request({ grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" });
    expect((await server.call(renewed.access_token ?? "")).status).toBe(200);
  });
});
