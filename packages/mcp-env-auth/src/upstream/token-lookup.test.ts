import { describe, expect, it } from "vitest";
import { type Answer, startProvider } from "./testing/provider-server.ts";
import { lookUpToken } from "./token-lookup.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const SECRET = "the-token-in-question";

async function lookUp(answer: Answer, authorizedBy: "token" | "client" = "token", timeout?: number, more: object = {}) {
  const provider = await startProvider(answer);
  const headers = { authorization: `Bearer ${SECRET}` };
  const lookup = {
    headers,
    authorizedBy,
    credentials: "CLIENT_ID and CLIENT_SECRET",
    timeout,
    address: "INTROSPECTION_URL",
    ...more,
  };
  return lookUpToken(`${provider.origin}/userinfo?hint=${SECRET}`, lookup).then(
    ({ body }) => body,
    (error: unknown) => error,
  );
}

describe("looking a token up", () => {
  it("gives the provider's answer", async () => {
    expect(await lookUp(() => ({ json: { sub: "alice" } }))).toEqual({ sub: "alice" });
  });

  it.each([400, 401, 403, 404, 422])("takes %i for a verdict on the token that it was called with", async (status) => {
    const error = await lookUp(() => ({ status, json: { message: "no" } }));
    expect(error).toBeInstanceOf(UpstreamTokenError);
    expect(error).toMatchObject({ fault: "inactive" });
  });

  it.each([401, 403])("takes %i for a verdict on our credentials when it was called with those", async (status) => {
    const error = await lookUp(() => ({ status }), "client");
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      kind: "credentials",
      message: expect.stringContaining("CLIENT_ID and CLIENT_SECRET"),
    });
  });

  it("takes 404 for an address that is wrong when it was called with our credentials, unless it is told otherwise", async () => {
    const wrong = { kind: "rejected", message: expect.stringContaining("Check INTROSPECTION_URL.") };
    for (const status of [404, 405]) {
      expect(await lookUp(() => ({ status }), "client")).toMatchObject(wrong);
    }
    const verdict = await lookUp(() => ({ status: 404 }), "client", undefined, { notFoundIsVerdict: true });
    expect(verdict).toMatchObject({ fault: "inactive" });
    expect(await lookUp(() => ({ status: 400 }), "client")).toMatchObject({ fault: "inactive" });
  });

  it.each([
    [408, {}],
    [429, {}],
    [500, {}],
    [503, {}],
    [403, { "retry-after": "60" }],
    [403, { "x-ratelimit-remaining": "0" }],
  ])("gives no verdict when the provider is out or asked too often: %i %o", async (status, headers) => {
    for (const authorizedBy of ["token", "client"] as const) {
      expect(await lookUp(() => ({ status, headers }), authorizedBy)).toMatchObject({ kind: "unavailable" });
    }
  });

  it("gives no verdict when nothing comes in time", async () => {
    expect(await lookUp(() => undefined, "token", 0.05)).toMatchObject({ kind: "unavailable" });
  });

  it.each([
    ["a page", { text: "<html>" }],
    ["a list", { json: [] }],
    ["a redirect", { status: 302, headers: { location: "https://elsewhere.example" } }],
    ["nothing", { status: 204 }],
    ["too much", { json: { sub: "x".repeat(600_000) } }],
  ])("refuses %s", async (_what, answer) => {
    expect(await lookUp(() => answer)).toMatchObject({ kind: "rejected" });
  });

  it("Security rule 11: repeats no token in its messages", async () => {
    for (const status of [302, 401, 500]) {
      const error = await lookUp(({ authorization }) => ({ status, json: { error: authorization } }));
      expect(String(error)).not.toContain(SECRET);
    }
  });
});
