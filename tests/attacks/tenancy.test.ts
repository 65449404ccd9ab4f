import { getAccessToken, type ProtectedServer } from "mcp-env-auth";
import { afterEach, describe, expect, it } from "vitest";
import {
  type AttackedServer,
  addressOf,
  McpClient,
  TestBrowser,
  useAttackedServer,
} from "../support/attacked-server.ts";

const ALLOWED = "FASTMCP_SERVER_AUTH_AUTH0_ALLOWED_ORGANIZATIONS";
const FIXED = "FASTMCP_SERVER_AUTH_AUTH0_ORGANIZATION";

const provider = {
  organizationNames: true,
  organizations: [
    { id: "org_acme", name: "acme" },
    { id: "org_globex", name: "globex" },
    { id: "org_initech", name: "initech" },
  ],
  users: [
    { username: "dave", permissions: ["weather:read"], organizations: ["org_acme"] },
    { username: "erin", permissions: ["weather:read"], organizations: ["org_acme", "org_globex", "org_initech"] },
    { username: "alice", permissions: ["weather:read"] },
  ],
};

const application = { clientId: "app", clientSecret: "app secret", type: "regular_web" } as const;

const TENANT = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "tenant", arguments: {} } };

const register = (server: ProtectedServer) =>
  server.registerTool("tenant", {}, () => `${getAccessToken().subject} of ${getAccessToken().organization}`);

/** What a tool hears of whose token it is, or the status and the challenge. */
async function tenantOf(server: AttackedServer["server"], token: string): Promise<string> {
  const answer = await server.call(token, TENANT);
  const text = await answer.text();
  return answer.ok
    ? (/"text":"([^"]*)"/.exec(text)?.[1] ?? text)
    : `${answer.status} ${answer.headers.get("www-authenticate")}`;
}

describe("Security rule 17: a server of one organization", () => {
  const attacked = useAttackedServer({ provider, register, env: { [FIXED]: "org_acme" } });

  it("asks the provider for it in every login, and says which it was", async () => {
    const { accessToken } = await attacked.login("dave");
    const asked = attacked.auth0.requests.findLast(({ path }) => path === "/authorize");
    expect(asked?.params.organization).toBe("org_acme");
    expect(await tenantOf(attacked.server, accessToken)).toBe("auth0|dave of org_acme");
  });

  it("tells somebody who is no member, at the client's own address, and says in the log what to check", async () => {
    const client = await attacked.client();
    const redirect = await client.authorize(new TestBrowser(), "alice");
    expect(redirect.searchParams.get("error")).toBe("access_denied");
    expect(redirect.searchParams.get("error_description")).toContain("is not part of the org_acme organization");
    expect(attacked.server.lines.at(-1)?.message).toContain(FIXED);
  });

  it.each([
    ["another's", { org_id: "org_globex", org_name: "globex" }],
    ["one that only its name fits", { org_id: "org_globex", org_name: "acme" }],
    ["one of another case", { org_id: "ORG_ACME" }],
    ["one that starts like it", { org_id: "org_acme2" }],
    ["none", { org_id: undefined, org_name: undefined }],
    ["several, none of them it", { org_id: ["org_globex", "org_other"] }],
    ["no text", { org_id: { toString: "org_acme" } }],
  ])("issues nothing for an access token of %s", async (_name, claims) => {
    const client = await attacked.client();
    const redirect = await client.authorize(new TestBrowser(), "dave");
    attacked.auth0.misbehave({ accessToken: { claims } });
    const { status, body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_grant" });
    expect(body.error_description).toMatch(/organization/);
    expect(body).not.toHaveProperty("access_token");
    const line = attacked.server.lines.findLast(
      ({ fields }) => "event" in fields && fields.event === "organization-refused",
    );
    expect(line?.message).toContain(FIXED);
  });

  it.each([{ org_id: "org_globex" }, { org_id: undefined }])(
    "issues nothing for an id token with %o",
    async (claims) => {
      const client = await attacked.client();
      const redirect = await client.authorize(new TestBrowser(), "dave", { scope: "openid" });
      attacked.auth0.misbehave({ idToken: { claims } });
      const { body } = await client.redeem(redirect.searchParams.get("code") ?? "");
      expect(body.error).toBe("invalid_grant");
    },
  );

  it("lets no refresh change the organization", async () => {
    const { client, refreshToken } = await attacked.login("dave");
    attacked.auth0.misbehave({ accessToken: { claims: { org_id: "org_globex" } } });
    expect((await client.refresh(refreshToken)).body.error).toBe("invalid_grant");
  });

  it("ends a session whose user has left the organization", async () => {
    const { client, refreshToken } = await attacked.login("dave");
    attacked.auth0.updateUser("dave", { organizations: [] });
    const { body } = await client.refresh(refreshToken);
    attacked.auth0.updateUser("dave", { organizations: ["org_acme"] });
    expect(body.error).toBe("invalid_grant");
  });

  it("can be named by its name, in any case, where the tenant allows names", async () => {
    const named = await attacked.launch({ env: { [FIXED]: "Acme" } });
    const client = await McpClient.register(addressOf(named));
    expect(await tenantOf(named, (await client.logIn("dave")).access_token)).toBe("auth0|dave of org_acme");
    attacked.auth0.misbehave({ accessToken: { claims: { org_id: "org_acme", org_name: "globex" } } });
    const redirect = await client.authorize(new TestBrowser(), "dave");
    expect((await client.redeem(redirect.searchParams.get("code") ?? "")).body.error).toBe("invalid_grant");
    await named.close();
  });
});

describe.each(["pre_login_prompt", "post_login_prompt"] as const)(
  "Security rule 17: a server of several (%s)",
  (prompt) => {
    const attacked = useAttackedServer({
      provider: {
        ...provider,
        applications: [{ ...application, organizationUsage: "require", organizationRequireBehavior: prompt }],
      },
      register,
      env: { [ALLOWED]: '["org_acme", "globex"]' },
    });

    const through = async (organization: string) => {
      const client = await attacked.client();
      client.organization = organization;
      return client;
    };

    it("serves each login through the organization that its user named", async () => {
      const [acme, globex] = [await through("acme"), await through("globex")];
      const [dave, erin] = [await acme.logIn("dave"), await globex.logIn("erin")];
      const elsewhere = await acme.logIn("erin");
      const served = await Promise.all(
        [dave, erin, elsewhere].map(({ access_token }) => tenantOf(attacked.server, access_token)),
      );
      expect(served).toEqual(["auth0|dave of org_acme", "auth0|erin of org_globex", "auth0|erin of org_acme"]);
    });

    it("keeps the sessions of one user in two organizations apart, refreshed at the same moment", async () => {
      const [acme, globex] = [await through("acme"), await through("globex")];
      const sessions = [await acme.logIn("erin"), await globex.logIn("erin")] as const;
      const refreshes = [acme, globex].flatMap((client, index) =>
        [1, 2].map(() => client.refresh(sessions[index]?.refresh_token ?? "")),
      );
      const tenants = await Promise.all(
        (await Promise.all(refreshes)).map(({ body }) => tenantOf(attacked.server, body.access_token ?? "")),
      );
      expect(tenants).toEqual(["acme", "acme", "globex", "globex"].map((name) => `auth0|erin of org_${name}`));
    });

    it("gives nothing to an organization that is not among them", async () => {
      const client = await through("initech");
      const redirect = await client.authorize(new TestBrowser(), "erin");
      const { status, body } = await client.redeem(redirect.searchParams.get("code") ?? "");
      expect({ status, error: body.error }).toEqual({ status: 400, error: "invalid_grant" });
      expect(body.error_description).toContain("org_initech may not use this server");
      // Who else is a customer is nobody's business.
      expect(JSON.stringify(body)).not.toMatch(/acme|globex/);
    });

    it("does not take an answer for another of them at a refresh", async () => {
      const client = await through("acme");
      const { refresh_token } = await client.logIn("erin");
      attacked.auth0.misbehave({ accessToken: { claims: { org_id: "org_globex", org_name: "globex" } } });
      const { body } = await client.refresh(refresh_token);
      expect(body).toMatchObject({ error: "invalid_grant" });
      expect(body.error_description).toContain("another organization");
    });
  },
);

describe("Security rule 17: a change of configuration", () => {
  const attacked = useAttackedServer({ provider: { ...provider, applications: [application] }, register });
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(closers.splice(0).map((close) => close()));
  });

  it("shuts out at once whom it no longer names, access token and refresh token", async () => {
    const { client, accessToken, refreshToken } = await attacked.login("dave");
    expect(await tenantOf(attacked.server, accessToken)).toBe("auth0|dave of undefined");
    // The same server, started again with a list.
    const successor = await attacked.launch({ baseUrl: attacked.origin, env: { [ALLOWED]: "org_acme" } });
    closers.push(successor.close);
    expect(await tenantOf(successor, accessToken)).toMatch(/^401 .*invalid_token/);
    const refresh = await fetch(`${successor.origin}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, client_id: client.id }),
    });
    expect(await refresh.json()).toMatchObject({ error: "invalid_grant" });
  });

  it("to an empty list lets nobody in", async () => {
    const nobody = await attacked.launch({ env: { [ALLOWED]: "[]" } });
    closers.push(nobody.close);
    const client = await McpClient.register(addressOf(nobody));
    const redirect = await client.authorize(new TestBrowser(), "dave");
    expect((await client.redeem(redirect.searchParams.get("code") ?? "")).body.error).toBe("invalid_grant");
  });

  it("that contradicts itself does not start", async () => {
    await expect(attacked.launch({ env: { [FIXED]: "org_acme", [ALLOWED]: "org_acme" } })).rejects.toThrow(ALLOWED);
    const extra = { FASTMCP_SERVER_AUTH_AUTH0_EXTRA_AUTHORIZE_PARAMS: "organization=org_acme" };
    await expect(attacked.launch({ env: extra })).rejects.toThrow(`Set ${FIXED} instead`);
    const claim = { FASTMCP_SERVER_AUTH_AUTH0_ORGANIZATION_CLAIM: "https://example.com/tenant" };
    await expect(attacked.launch({ env: { [FIXED]: "org_acme", ...claim } })).rejects.toThrow("ORGANIZATION_CLAIM");
  });
});
