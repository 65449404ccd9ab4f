import { describe, expect, it } from "vitest";
import { type OidcStandInOptions, startOidcStandIn } from "../../providers/testing/oidc-stand-in.ts";
import { CLIENT_ID, CLIENT_SECRET } from "../../providers/testing/stand-in.ts";
import { BASE_URL, diagnoseEnvironment } from "../testing/diagnosis.ts";

const OIDC = "FASTMCP_SERVER_AUTH_OIDC_";

/** A provider that refuses logins with scopes that it does not know, as Hydra, Keycloak and oidc-provider do. */
async function startStrict(known: readonly string[], options: Partial<OidcStandInOptions> = {}) {
  const standIn = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, sub: "alice", azp: CLIENT_ID }),
    scopesSupported: ["openid", "offline_access"],
    ...options,
  });
  standIn.override("/authorize", ({ query }) => {
    const location = new URL(query.redirect_uri ?? "");
    const isKnown = (query.scope ?? "").split(" ").every((scope) => known.includes(scope));
    location.search = new URLSearchParams(
      isKnown
        ? { error: "login_required" }
        : { error: "invalid_scope", error_description: "requested scope is invalid" },
    ).toString();
    return { status: 302, headers: { location: location.href } };
  });
  const env = (variables: Record<string, string> = {}) => ({
    FASTMCP_SERVER_AUTH: "OIDC",
    ...Object.fromEntries(
      Object.entries({ CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, BASE_URL, ...variables }).map(
        ([name, value]) => [OIDC + name, value],
      ),
    ),
  });
  return { standIn, env };
}

describe("the scopes that clients register with", () => {
  it("are no finding where the provider accepts them", async () => {
    const { env } = await startStrict(["openid", "weather:read", "offline_access"]);
    const { of } = await diagnoseEnvironment(env({ REQUIRED_SCOPES: "openid", VALID_SCOPES: "weather:read" }));
    expect(of("scopes")).toEqual([]);
    expect(of("login")).toEqual([]);
  });

  it.each([
    ["a required one", { REQUIRED_SCOPES: "openid weather:raed" }, "weather:raed", "REQUIRED_SCOPES"],
    ["one that clients may ask for", { VALID_SCOPES: "weather:raed" }, "weather:raed", "VALID_SCOPES"],
  ])("are named where the provider refuses %s, and no other", async (_which, variables, refused, setting) => {
    const { env } = await startStrict(["openid", "offline_access"]);
    const { of } = await diagnoseEnvironment(env(variables));
    expect(of("scopes")).toMatchObject([{ status: "failure", fix: expect.stringContaining(OIDC + setting) }]);
    expect(of("scopes")[0]?.message).toContain(`logins with the scopes ${refused}. It says: invalid_scope`);
    expect(of("scopes")[0]?.fix).not.toContain("OFFLINE_ACCESS");
    expect(of("login")).toEqual([]);
  });

  it("are named where the provider's metadata lists others, though it accepts them", async () => {
    const { env } = await startStrict(["openid", "weather:raed", "offline_access"], {
      scopesSupported: ["openid", "offline_access", "weather:read"],
    });
    const { of } = await diagnoseEnvironment(env({ REQUIRED_SCOPES: "openid weather:raed" }));
    expect(of("scopes")).toMatchObject([{ status: "warning" }]);
    expect(of("scopes")[0]?.message).toContain("does not list the scopes weather:raed");
    expect(`${of("scopes")[0]?.message} ${of("scopes")[0]?.fix}`).toContain("Did you mean weather:read?");
  });

  it("name offline_access, and how to do without it", async () => {
    const { env } = await startStrict(["openid"]);
    const { of } = await diagnoseEnvironment(env());
    expect(of("scopes")).toMatchObject([
      { status: "failure", fix: expect.stringContaining(`set ${OIDC}OFFLINE_ACCESS=off`) },
    ]);
    expect(of("scopes")[0]?.message).toContain("the scopes offline_access. It says");
    const { of: off } = await diagnoseEnvironment(env({ OFFLINE_ACCESS: "off" }));
    expect(off("scopes")).toEqual([]);
    expect(off("offline-access")).toMatchObject([{ status: "ok", message: expect.stringContaining("is off") }]);
  });

  it("are asked for one by one up to a limit", async () => {
    const { standIn, env } = await startStrict(["openid"]);
    const many = Array.from({ length: 50 }, (_, index) => `scope:${index}`).join(" ");
    const { of } = await diagnoseEnvironment(env({ REQUIRED_SCOPES: `openid ${many}` }));
    expect(of("scopes")[0]?.status).toBe("failure");
    expect(standIn.to("/authorize").length).toBeLessThan(25);
  });
});

describe("the resource that tokens are asked for", () => {
  it("is named where the provider does not know it", async () => {
    const { standIn, env } = await startStrict(["openid", "offline_access"]);
    standIn.override("/authorize", ({ query }) => {
      const location = new URL(query.redirect_uri ?? "");
      location.search = new URLSearchParams({ error: "invalid_target", error_description: "unknown" }).toString();
      return { status: 302, headers: { location: location.href } };
    });
    const { of } = await diagnoseEnvironment(env({ RESOURCE: "https://api.example.com" }));
    expect(of("audience")).toMatchObject([
      { status: "failure", fix: expect.stringContaining(`Set ${OIDC}RESOURCE to the exact identifier`) },
    ]);
  });
});

describe("the scopes that clients are told to ask for at an authorization server", () => {
  const REMOTE = "FASTMCP_SERVER_AUTH_REMOTE_";
  async function diagnoseRemote(variables: Record<string, string>) {
    const standIn = await startOidcStandIn({
      claims: () => ({}),
      document: (origin) => ({
        ...{ code_challenge_methods_supported: ["S256"], registration_endpoint: `${origin}/register` },
        scopes_supported: ["openid", "weather:read"],
      }),
    });
    const named = { ISSUER: standIn.issuer, JWKS_URI: `${standIn.origin}/jwks.json`, BASE_URL, ...variables };
    return diagnoseEnvironment({
      FASTMCP_SERVER_AUTH: "REMOTE",
      ...Object.fromEntries(Object.entries(named).map(([name, value]) => [REMOTE + name, value])),
    });
  }

  it.each([
    [{ REQUIRED_SCOPES: "weather:read weather:raed" }, "weather:raed", "REQUIRED_SCOPES"],
    [{ REQUIRED_SCOPES: "weather:read", SCOPES_SUPPORTED: "api://read" }, "api://read", "SCOPES_SUPPORTED"],
  ])("are a warning where its metadata does not list them: %o", async (variables, missing, setting) => {
    const { of } = await diagnoseRemote(variables);
    expect(of("scopes")).toMatchObject([{ status: "warning", fix: expect.stringContaining(REMOTE + setting) }]);
    expect(of("scopes")[0]?.message).toContain(`does not list the scopes ${missing}, which`);
  });

  it("are no finding where it does", async () => {
    const { of } = await diagnoseRemote({ REQUIRED_SCOPES: "weather:read" });
    expect(of("scopes")).toEqual([]);
  });
});
