import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { OIDCProxy } from "./oidc.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const AUDIENCE = "https://weather.example.com/api";

/** A provider that signs access tokens otherwise than id tokens, and lists the algorithm of those only. */
async function start(alg: string, variables: Record<string, string> = {}) {
  const accessTokenSigner = await createSigner("access-1", alg);
  const standIn = await startOidcStandIn({
    accessTokenSigner,
    claims: (_grant, iss) => ({ iss, sub: "alice", aud: AUDIENCE, azp: CLIENT_ID, scope: "openid" }),
  });
  return protectServer(OIDCProxy, { CONFIG_URL: standIn.configUrl, CLIENT_ID, CLIENT_SECRET, AUDIENCE, ...variables });
}

describe("ALGORITHM of OIDCProxy", () => {
  it.each(["ES256", "PS384", "EdDSA"])("accepts access tokens that are signed with %s", async (alg) => {
    const server = await start(alg, { ALGORITHM: alg });
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).subject).toBe("alice");
  });

  it("may list several, in any case", async () => {
    const server = await start("ES256", { ALGORITHM: "rs256, es256" });
    await expect(server.logIn()).resolves.toBeDefined();
  });

  it("is named where access tokens are signed otherwise than the metadata says", async () => {
    const server = await start("ES256");
    await expect(server.logIn()).rejects.toThrow("set ALGORITHM");
  });

  it("Security rule 8: refuses tokens of every other algorithm", async () => {
    const server = await start("RS256", { ALGORITHM: "ES256" });
    await expect(server.logIn()).rejects.toThrow("only ES256 may be");
  });

  it.each(["HS256", "none", "RS257"])("Security rule 8: can't be %s, which no published key verifies", (alg) => {
    const { problems } = OIDCProxy.fromEnvironment(environmentOf({ FASTMCP_SERVER_AUTH_OIDC_ALGORITHM: alg }));
    expect(problems.find(({ variable }) => variable?.endsWith("_ALGORITHM"))?.message).toContain(
      `\`${alg}\` can't be verified by published keys`,
    );
  });
});
