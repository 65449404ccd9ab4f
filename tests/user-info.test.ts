import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { getUserInfo } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { McpClient } from "../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { launchInProcess } from "./support/in-process.ts";

let auth0: DevAuth0;
let server: Awaited<ReturnType<typeof launchInProcess>>;

beforeAll(async () => {
  auth0 = await startDevAuth0();
  server = await launch("openid profile email");
});

const launch = (scopes: string) =>
  launchInProcess({
    auth0,
    env: { FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: scopes },
    register: (one) => one.registerTool("who", {}, async () => JSON.stringify(await getUserInfo())),
  });

afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

const asked = () => auth0.requests.filter(({ path }) => path === "/userinfo").length;

async function who(accessToken: string, at = server): Promise<string> {
  const answer = await at.call(accessToken, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "who", arguments: {} },
  } as never);
  return answer.text();
}

async function logIn(username: string, at = server): Promise<string> {
  const client = await McpClient.register({ address: at.origin, options: { resource: at.url } });
  return (await client.logIn(username)).access_token;
}

describe("getUserInfo() in a tool", () => {
  it("has name, e-mail and picture of the caller, asked once for each token", async () => {
    const before = asked();
    const alice = await logIn("alice");
    const bob = await logIn("bob");
    const [first, again, other] = [await who(alice), await who(alice), await who(bob)];
    expect(first).toContain("auth0|alice");
    expect(first).toContain("alice@example.com");
    expect(first).toMatch(/\\"picture\\":\\"http/);
    expect(again).toBe(first);
    expect(other).toContain("bob@example.com");
    expect(asked() - before).toBe(2);
  });

  it("leaves out what the login has no scope for", async () => {
    const narrow = await launch("openid");
    onTestFinished(() => narrow.close());
    const text = await who(await logIn("alice", narrow), narrow);
    expect(text).toContain("auth0|alice");
    expect(text).not.toContain("alice@example.com");
  });

  it("masks why the provider tells nothing, and logs what to set", async () => {
    const token = await logIn("alice");
    auth0.misbehave({ userinfo: { status: 401, body: "Unauthorized" } } as never);
    const text = await who(token);
    auth0.restore();
    expect(text).not.toContain("REQUIRED_SCOPES");
    expect(JSON.stringify(server.lines)).toContain("FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES");
    expect(await who(token)).toContain("auth0|alice");
  });
});
