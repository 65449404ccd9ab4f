import { describe, expect, it } from "vitest";
import { basicCredentials } from "./provider-http.ts";
import { type Answer, startProvider } from "./testing/provider-server.ts";
import { lookUpToken } from "./token-lookup.ts";
import { UpstreamError } from "./upstream-client.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const SECRET = "the-token-in-question";
const CLIENT_SECRET = "the secret/of it";
const credentialsIn = ({ authorization }: { authorization?: string }) => authorization?.split(" ")[1] ?? "no header";

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

  it.each([
    [400, { message: "no" }],
    [401, { message: "no" }],
    [404, { message: "no" }],
    [422, { message: "no" }],
    [403, { error: "insufficient_scope" }],
    [403, { error: { type: "OAuthException", message: "no" } }],
    [403, { message: "The access token was revoked" }],
    [403, { message: "Your account was suspended" }],
  ])("takes %i with %j for a verdict on the token that it was called with", async (status, json) => {
    const error = await lookUp(() => ({ status, json }));
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
    const notFound = () => ({ status: 404, json: { message: "Not Found" } });
    const verdict = await lookUp(notFound, "client", undefined, { notFoundIsVerdict: true });
    expect(verdict).toMatchObject({ fault: "inactive" });
    const badRequest = () => ({ status: 400, json: { error: "invalid_request" } });
    expect(await lookUp(badRequest, "client")).toMatchObject({ fault: "inactive" });
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

  it.each([
    [400, "<html>"],
    [401, "<html>"],
    [403, "<html>"],
    [404, "<html>"],
    [405, "<html>"],
    [200, "<html>"],
    [302, ""],
    [400, ""],
    [403, ""],
    [404, ""],
    [403, '{"message":"Forbidden"}'],
    [403, '{"message":"You have exceeded a secondary rate limit. Please wait a few minutes"}'],
    [403, '{"message":"Access from this network is not allowed"}'],
    [403, '{"status":403,"error":"Forbidden","path":"/userinfo"}'],
    [400, "{}"],
    [200, "{}"],
    [200, '{"message":"Down for maintenance"}'],
    [200, '{"status":503,"error":"Service Unavailable"}'],
  ])("gives no verdict when something else answers: %i with %j", async (status, text) => {
    for (const authorizedBy of ["token", "client"] as const) {
      const more = { notFoundIsVerdict: true };
      const error = await lookUp(() => ({ status, text }), authorizedBy, undefined, more);
      expect(error).toBeInstanceOf(UpstreamError);
      expect(error).toMatchObject({ about: "look-up" });
    }
  });

  it("takes a challenge for a verdict, whatever comes with it (RFC 6750 section 3)", async () => {
    const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
    for (const status of [401, 403]) {
      expect(await lookUp(() => ({ status, headers, text: "<html>" }))).toMatchObject({ fault: "inactive" });
    }
  });

  it("reads errors that come with 200", async () => {
    expect(await lookUp(() => ({ json: { ok: false, error: "token_revoked" } }))).toMatchObject({ fault: "inactive" });
    const unknownClient = () => ({ json: { error: "invalid_client" } });
    expect(await lookUp(unknownClient, "client")).toMatchObject({ kind: "credentials" });
    expect(await lookUp(() => ({ status: 400, json: { error: "invalid_client" } }), "client")).toMatchObject({
      kind: "credentials",
    });
    expect(await lookUp(() => ({ json: { error: "maintenance" } }), "client")).toMatchObject({ kind: "rejected" });
    expect(await lookUp(() => ({ json: { active: false, error: "x" } }), "client")).toMatchObject({ active: false });
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

  it.each(["token", "client"] as const)(
    "tells the provider's own reason, called with the %s's credentials",
    async (by) => {
      for (const status of [400, 401, 403, 429, 503]) {
        const json = { error: "no_such_app", error_description: 'The "app" was\r\nsuspended\u202e' };
        expect(String(await lookUp(() => ({ status, json }), by))).toContain(
          `answered ${status} no_such_app (The ?app? was suspended)`,
        );
      }
    },
  );

  it.each([
    ["the token in the header", { authorization: `Bearer ${SECRET}` }, ""],
    ["credentials in the header", { authorization: basicCredentials("the-client", CLIENT_SECRET) }, `token=${SECRET}`],
    ["credentials in a form", {}, new URLSearchParams({ token: SECRET, client_secret: CLIENT_SECRET }).toString()],
    ["the token in JSON", {}, JSON.stringify({ access_token: SECRET })],
  ] as const)(
    "Security rule 11: repeats no token and no credentials in its messages: %s",
    async (_what, headers: { authorization?: string }, body) => {
      const sent = `${headers.authorization ?? ""} ${body}`;
      const plain = sent.includes(SECRET) ? SECRET : CLIENT_SECRET;
      for (const status of [302, 401, 403, 500]) {
        for (const said of [sent, plain, body.includes("secret") ? CLIENT_SECRET : plain]) {
          const json = { error: "refused", error_description: `You sent ${said}` };
          const error = await lookUp(() => ({ status, json }), "token", undefined, { headers, method: "POST", body });
          const message = String(error);
          for (const secret of [SECRET, CLIENT_SECRET, "the+secret%2Fof", "the%20secret", credentialsIn(headers)]) {
            expect(message).not.toContain(secret);
          }
        }
      }
    },
  );
});
