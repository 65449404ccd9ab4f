import { describe, expect, it } from "vitest";
import { ChallengeError } from "../../errors.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { callEndpoint, type EndpointCall, jsonOf } from "../testing/call-endpoint.ts";
import { McpClient } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import type { ProxyServer } from "../testing/proxy-server.ts";

const fixture = useProxy();
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const ask = (form: Readonly<Record<string, string>>, call: EndpointCall = {}) =>
  callEndpoint(fixture.server.proxy.endpoints, "/token", { form, ...call });

const basic = (credentials: string) => ({
  headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
});

const machines = { machines: { clients: ["a machine"], acceptUpstreamTokens: false } };
const enterprise: Partial<ProxyServer["options"]> = {
  enterprise: { organizationOf: () => undefined, verify: () => Promise.reject(new Error("not reached")) },
};

describe("the grants of the token endpoint", () => {
  it.each([
    [{}, ["authorization_code", "refresh_token"], "authorization_code or refresh_token"],
    [
      machines,
      ["authorization_code", "refresh_token", "client_credentials"],
      "authorization_code, refresh_token or client_credentials",
    ],
    [
      enterprise,
      ["authorization_code", "refresh_token", JWT_BEARER],
      `authorization_code, refresh_token or ${JWT_BEARER}`,
    ],
    [
      { ...machines, ...enterprise },
      ["authorization_code", "refresh_token", "client_credentials", JWT_BEARER],
      `authorization_code, refresh_token, client_credentials or ${JWT_BEARER}`,
    ],
  ])("are the same in the metadata and in the error for another (%#)", async (options, types, named) => {
    const client = await McpClient.register(fixture.server);
    fixture.server.restart(options);
    const { endpoints } = fixture.server.proxy;
    const metadata = await jsonOf(callEndpoint(endpoints, "/.well-known/oauth-authorization-server"));
    expect(metadata.body.grant_types_supported).toEqual(types);
    const profiles = types.includes(JWT_BEARER) ? ["urn:ietf:params:oauth:grant-profile:id-jag"] : undefined;
    expect(metadata.body.authorization_grant_profiles_supported).toEqual(profiles);
    expect(await jsonOf(ask({ grant_type: "password", client_id: client.id }))).toEqual({
      status: 400,
      body: { error: "unsupported_grant_type", error_description: `Use grant_type ${named}.` },
    });
  });

  it.each(["client_credentials", JWT_BEARER, "constructor"])(
    "don't have %s where it is not offered, and tell only a client that is authenticated",
    async (grant_type) => {
      const { id: client_id } = await McpClient.register(fixture.server);
      expect((await jsonOf(ask({ grant_type }))).body.error).toBe("invalid_client");
      expect((await jsonOf(ask({ grant_type, client_id }))).body.error).toBe("unsupported_grant_type");
    },
  );

  it("are asked for after resource and proof were checked", async () => {
    const { id: client_id } = await McpClient.register(fixture.server);
    const form = { grant_type: "password", client_id };
    expect((await jsonOf(ask({ ...form, resource: "https://other.example/mcp" }))).body.error).toBe("invalid_target");
    const twice = { headers: { dpop: ["a", "b"] } };
    expect((await jsonOf(ask(form, twice))).body.error).toBe("invalid_dpop_proof");
  });
});

describe("a machine that asks again and again", () => {
  it("gets 429 after 2,400 tokens in a minute, whatever strangers try in its name", async () => {
    const upstream = fixture.server.options.upstream();
    let asked = 0;
    const machineTokens: NonNullable<typeof upstream>["machineTokens"] = async ({ credentials }) => {
      asked += 1;
      if (!("clientSecret" in credentials && credentials.clientSecret === "right")) {
        throw new UpstreamError("credentials", "Wrong.", { code: "invalid_client" });
      }
      return { accessToken: "no token of this provider" };
    };
    fixture.server.restart({ ...machines, rateLimit: 120, upstream: () => upstream && { ...upstream, machineTokens } });
    const outcomes = async (client_secret: string, times: number) => {
      const seen = new Set<number>();
      for (let count = 0; count < times; count++) {
        const form = { grant_type: "client_credentials", client_id: "a machine", client_secret };
        seen.add((await jsonOf(ask(form))).status);
      }
      return [...seen];
    };
    expect(await outcomes("wrong", 2500)).toEqual([401]);
    expect(await outcomes("right", 2400)).not.toContain(429);
    expect(await outcomes("right", 3)).toEqual([429]);
    expect(asked).toBe(2500 + 2400);
    fixture.clock.advance(60);
    expect(await outcomes("right", 1)).not.toContain(429);
  });
});

describe("credentials in the Authorization header that prove nothing", () => {
  it.each(["unknown:secret", "no colon", "%zz:x"])("are answered with a challenge: %s", async (credentials) => {
    const refusal = await ask({ grant_type: "refresh_token" }, basic(credentials)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ChallengeError);
    expect(refusal).toMatchObject({ code: "invalid_client", status: 401, challenge: expect.stringMatching(/^Basic /) });
  });

  it("are answered without one when they come in the body", async () => {
    const refusal = await ask({ grant_type: "refresh_token", client_id: "unknown" }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "invalid_client" });
    expect(refusal).not.toBeInstanceOf(ChallengeError);
  });
});
