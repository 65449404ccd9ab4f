import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressOf, McpClient } from "./support/attacked-server.ts";
import { oauthSteps } from "./support/oauth-steps.ts";
import { repository } from "./support/scaffolder.ts";

const GUIDE = readFileSync(path.join(repository, "docs/organizations.md"), "utf8");
const EXAMPLE = readFileSync(path.join(repository, "examples/team-places.ts"), "utf8");

const application = { clientSecret: "app secret", type: "regular_web" } as const;

interface Running {
  readonly origin: string;
  readonly url: string;
  stop(): Promise<void>;
}

let auth0: DevAuth0;
let business: Running;
let everybody: Running;

beforeAll(async () => {
  auth0 = await startDevAuth0({
    users: [
      { username: "dave", permissions: [], organizations: ["org_acme"] },
      { username: "erin", permissions: [], organizations: ["org_acme", "org_globex"] },
      { username: "alice", permissions: [] },
    ],
    applications: [
      {
        ...application,
        clientId: "business",
        organizationUsage: "require",
        organizationRequireBehavior: "post_login_prompt",
      },
      { ...application, clientId: "everybody" },
    ],
  });
  business = await startExample("business", {
    FASTMCP_SERVER_AUTH_AUTH0_ALLOWED_ORGANIZATIONS: '["org_acme", "org_globex"]',
  });
  everybody = await startExample("everybody");
});
afterAll(async () => {
  await Promise.all([business?.stop(), everybody?.stop()]);
  await auth0?.close();
});

/** The example as `npm run build` leaves it, behind one of the applications. */
async function startExample(clientId: string, env: Record<string, string> = {}): Promise<Running> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const { stop } = await startProcess({
    name: "The example",
    script: fileURLToPath(new URL("../examples/dist/team-places.js", import.meta.url)),
    env: {
      ...auth0.env(origin),
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: clientId,
      FASTMCP_PORT: String(port),
      FASTMCP_RATE_LIMIT: "0",
      ...env,
    },
    readyUrl: `${origin}/readyz`,
  });
  return { origin, url: `${origin}/mcp`, stop };
}

/** A session of a user, through an organization: calls a tool and gives what it answers. */
async function logIn(server: Running, username: string, organization?: string) {
  const client = await McpClient.register(addressOf(server));
  client.organization = organization;
  const { access_token: token } = await client.logIn(username);
  return async (name: string, args: Record<string, unknown> = {}): Promise<string> => {
    const params = { name, arguments: args };
    const answer = await oauthSteps(server.origin).call(token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
    const [, data = ""] = /^data: (.+)$/m.exec(await answer.text()) ?? [];
    return JSON.parse(data).result.content[0].text;
  };
}

describe("the example of docs/organizations.md", () => {
  it("is the one in examples", () => {
    const [, code] = /<!-- examples\/team-places\.ts -->\n```ts\n(.*?)```/s.exec(GUIDE) ?? [];
    expect(code).toBe(EXAMPLE.slice(EXAMPLE.indexOf("import {")));
  });

  it("names variables that there are", () => {
    const reference = readFileSync(path.join(repository, "docs/environment.md"), "utf8");
    const named = [...GUIDE.matchAll(/FASTMCP_\w+/g)].map(([name]) => name);
    expect(named.filter((name) => !reference.includes(`${name}\``))).toEqual([]);
  });

  it("lets members of one organization share its places, and nobody of another see them", async () => {
    const dave = await logIn(business, "dave", "acme");
    const erinAtAcme = await logIn(business, "erin", "acme");
    const erinAtGlobex = await logIn(business, "erin", "globex");
    await dave("save_place", { city: "Berlin" });
    expect(JSON.parse(await erinAtAcme("save_place", { city: "Hamburg" }))).toEqual({
      organization: "org_acme",
      places: ["Berlin", "Hamburg"],
    });
    // The same person, through another organization.
    expect(JSON.parse(await erinAtGlobex("list_places"))).toEqual({ organization: "org_globex", places: [] });
    await erinAtGlobex("save_place", { city: "Springfield" });
    expect(JSON.parse(await dave("list_places")).places).toEqual(["Berlin", "Hamburg"]);
  });

  it("keeps calls of two tenants apart that come at the same moment", async () => {
    const calls = [await logIn(business, "dave", "acme"), await logIn(business, "erin", "globex")];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => calls[n % 2]?.("list_places")));
    const seen = answers.map((answer) => JSON.parse(answer ?? "").organization);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? "org_acme" : "org_globex")));
  });

  it("does not take the organization from the caller's arguments", async () => {
    const erin = await logIn(business, "erin", "globex");
    const crossing = { organization: "org_acme", org_id: "org_acme", tenant: "org_acme" };
    expect(JSON.parse(await erin("list_places", crossing)).organization).toBe("org_globex");
    expect(JSON.parse(await erin("save_place", { city: "Shelbyville", ...crossing })).organization).toBe("org_globex");
  });

  it("lets nobody through an organization that they are no member of", async () => {
    await expect(logIn(business, "dave", "globex")).rejects.toThrow(
      "is%20not%20part%20of%20the%20org_globex%20organization",
    );
    await expect(logIn(business, "alice", "acme")).rejects.toThrow("access_denied");
  });

  it("has nothing for a login through no organization, and says why", async () => {
    const alice = await logIn(everybody, "alice");
    expect(await alice("list_places")).toContain("Log in again, through your organization.");
    expect(await alice("save_place", { city: "Berlin" })).toContain("Log in again, through your organization.");
  });
});
