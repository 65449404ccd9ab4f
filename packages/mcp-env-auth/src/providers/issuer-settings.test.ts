import { describe, expect, it } from "vitest";
import { AuthentikProvider } from "./authentik.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { DescopeProvider } from "./descope.ts";
import { LogtoProvider } from "./logto.ts";
import { OCIProvider } from "./oci.ts";
import { OIDCProxy } from "./oidc.ts";
import { ScalekitProvider } from "./scalekit.ts";
import { startJwtIssuer } from "./testing/jwt-issuer.ts";
import { type OidcStandInOptions, startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";
import { ZitadelProvider } from "./zitadel.ts";

const AUDIENCE = "https://weather.example.com/api";
const ISSUER = "https://keycloak.example.com/realms/one";

async function start(
  provider: DeclaredProvider,
  standInOptions: Partial<OidcStandInOptions>,
  variables: Readonly<Record<string, string>>,
) {
  const standIn = await startOidcStandIn({
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
    ...standInOptions,
  });
  const server = () =>
    protectServer(provider, { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...variables });
  return { standIn, server };
}

async function subjectOf(server: Awaited<ReturnType<typeof protectServer>>): Promise<string> {
  const { tokens } = await server.logIn();
  return (await server.verify(tokens.access_token)).subject;
}

describe.each([OIDCProxy, OCIProvider, ZitadelProvider, AuthentikProvider, LogtoProvider])("ISSUER", (provider) => {
  const { prefix } = provider.declaration;

  it(`is the one that the document and tokens must name, wherever the document is: ${prefix}`, async () => {
    const { server } = await start(provider, { path: "/realms/one", issuer: ISSUER }, { ISSUER });
    expect(await subjectOf(await server())).toBe("alice");
  });

  it(`is compared exactly, and named where it does not fit: ${prefix}`, async () => {
    for (const wrong of [`${ISSUER}/`, ISSUER.toUpperCase(), "https://keycloak.example.com"]) {
      const { server } = await start(provider, { issuer: ISSUER }, { ISSUER: wrong });
      await expect(server()).rejects.toThrow(`${prefix}ISSUER: is "${wrong}", but http`);
    }
  });

  it(`takes the place of what the address says: ${prefix}`, async () => {
    const { server } = await start(provider, {}, { ISSUER });
    await expect(server()).rejects.toThrow("answered with the metadata of another issuer");
  });

  it(`is named where the document is another issuer's: ${prefix}`, async () => {
    const { server } = await start(provider, { issuer: ISSUER }, {});
    await expect(server()).rejects.toThrow(`set ${prefix}ISSUER to that issuer`);
  });
});

describe("ISSUER of a document at an address with a query, as at Azure AD B2C", () => {
  it("makes the address one that works", async () => {
    const { standIn, server } = await start(OIDCProxy, { issuer: ISSUER }, { ISSUER });
    const { configUrl } = standIn;
    await expect(server()).resolves.toBeDefined();
    const settings = { CONFIG_URL: `${configUrl}?p=b2c_1_susi`, CLIENT_ID, CLIENT_SECRET, AUDIENCE };
    expect(await subjectOf(await protectServer(OIDCProxy, { ...settings, ISSUER }))).toBe("alice");
    await expect(protectServer(OIDCProxy, settings)).rejects.toThrow("does not hold");
  });
});

describe("TOKEN_ISSUER of OIDCProxy, as at AD FS", () => {
  const tokenIssuer = "http://adfs.example.com/adfs/services/trust";
  const adfs: Partial<OidcStandInOptions> = {
    path: "/adfs",
    claims: () => ({ iss: tokenIssuer, sub: "alice", aud: AUDIENCE, appid: CLIENT_ID, scp: "openid" }),
  };

  it("is what access tokens must name, while id tokens name the document's issuer", async () => {
    const { server } = await start(OIDCProxy, adfs, { TOKEN_ISSUER: tokenIssuer });
    expect(await subjectOf(await server())).toBe("alice");
  });

  it("is what the document says, where it does", async () => {
    const { server } = await start(OIDCProxy, { ...adfs, document: () => ({ access_token_issuer: tokenIssuer }) }, {});
    expect(await subjectOf(await server())).toBe("alice");
  });

  it("counts more than what the document says", async () => {
    const document = () => ({ access_token_issuer: "https://another.example" });
    const { server } = await start(OIDCProxy, { ...adfs, document }, { TOKEN_ISSUER: tokenIssuer });
    expect(await subjectOf(await server())).toBe("alice");
  });

  it("Security rule 8: is compared exactly, and the document's issuer no longer counts", async () => {
    const { server } = await start(OIDCProxy, adfs, { TOKEN_ISSUER: `${tokenIssuer}/` });
    await expect((await server()).logIn()).rejects.toThrow(`expected ${tokenIssuer}/`);
    const { server: usual } = await start(OIDCProxy, {}, { TOKEN_ISSUER: tokenIssuer });
    await expect((await usual()).logIn()).rejects.toThrow(`expected ${tokenIssuer}`);
  });

  it("is named where access tokens name another issuer", async () => {
    const { server } = await start(OIDCProxy, adfs, {});
    await expect((await server()).logIn()).rejects.toThrow("set TOKEN_ISSUER");
  });
});

describe("several names of one issuer", () => {
  const RESOURCE = "res_123456789";

  async function startScalekit(variables: Readonly<Record<string, string>> = {}) {
    const issuer = await startJwtIssuer({ jwks: "/keys", metadata: "/metadata" }, () => ({}));
    const { origin } = issuer;
    const settings = { ENVIRONMENT_URL: origin, RESOURCE_ID: RESOURCE, ...variables };
    const server = await protectServer(ScalekitProvider, settings);
    const verify = async (iss: string) => server.verify(await issuer.sign({ iss, aud: RESOURCE }));
    return { origin, verify };
  }

  it("Security rule 20: name the same users", async () => {
    const { origin, verify } = await startScalekit();
    for (const iss of [origin, `${origin}/resources/${RESOURCE}`]) {
      expect((await verify(iss)).subject).toBe("alice");
    }
  });

  it("are those alone, exactly", async () => {
    const { origin, verify } = await startScalekit();
    for (const iss of [`${origin}/`, `${origin}/resources/another`, `${origin}/resources/${RESOURCE}/`]) {
      await expect(verify(iss)).rejects.toThrow("set TOKEN_ISSUER");
    }
  });

  it("are what TOKEN_ISSUER says, where it is set", async () => {
    const { origin, verify } = await startScalekit({ TOKEN_ISSUER: '["https://a.example","https://b.example"]' });
    expect((await verify("https://b.example")).subject).toBe("alice");
    await expect(verify(origin)).rejects.toThrow("expected https://a.example or https://b.example");
  });

  it("of a Descope project are those of TOKEN_ISSUER, else the configured one alone", async () => {
    const project = "P2abc";
    const paths = { jwks: `/${project}/.well-known/jwks.json`, metadata: "/metadata" };
    const issuer = await startJwtIssuer(paths, () => ({}));
    const apps = `${issuer.origin}/v1/apps`;
    const CONFIG_URL = `${apps}/agentic/${project}/M1/.well-known/openid-configuration`;
    const sign = (iss: string) => issuer.sign({ iss, aud: project });
    const one = await protectServer(DescopeProvider, { CONFIG_URL });
    expect((await one.verify(await sign(`${apps}/agentic/${project}/M1`))).subject).toBe("alice");
    await expect(one.verify(await sign(`${apps}/${project}`))).rejects.toThrow("set TOKEN_ISSUER");
    const TOKEN_ISSUER = JSON.stringify([`${apps}/${project}`, `${apps}/${project}/T1`]);
    const two = await protectServer(DescopeProvider, { CONFIG_URL, TOKEN_ISSUER });
    expect((await two.verify(await sign(`${apps}/${project}/T1`))).subject).toBe("alice");
    await expect(two.verify(await sign(`${apps}/agentic/${project}/M1`))).rejects.toThrow("issuer");
  });
});
