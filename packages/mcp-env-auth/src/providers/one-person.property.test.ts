import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AccessToken, runWithAccessToken } from "../access-token.ts";
import { identityHash } from "../proxy/tokens/identity-hash.ts";
import { tenantKey } from "../tenant-key.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { createJwtVerifier } from "../upstream/jwt-verifier.ts";
import { startProvider } from "../upstream/testing/provider-server.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { createUserinfoVerifier } from "../upstream/userinfo-verifier.ts";

const NOW = 1_700_000_000;
const clock = () => NOW;
const ISSUERS = ["https://one.example", "https://two.example"] as const;
const APP = "app";

/** Names that users, applications and issuers could share. */
const NAMES = ["alice", "bob", APP, "job", "1", "alice@clients", `${ISSUERS[1]}|alice`, "job@clients"];

const ABSENT = Symbol("absent");
const stated = fc.oneof(
  fc.constantFrom<unknown>(...NAMES),
  fc.constantFrom<unknown>(
    ABSENT,
    null,
    "",
    "  ",
    1,
    2 ** 53,
    1.5,
    true,
    ["alice"],
    { name: "alice" },
    "\ud800",
    "\udfff",
  ),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const client = fc.constantFrom<unknown>(ABSENT, APP, "alice", "bob", "job");

/** What one token says, and who it is by its issuer's word. */
const claimsOf = fc
  .record({
    issuer: fc.constantFrom(...ISSUERS),
    sub: stated,
    client_id: client,
    azp: client,
    cid: client,
    username: fc.constantFrom<unknown>(ABSENT, "alice", "bob"),
    gty: fc.constantFrom<unknown>(ABSENT, ABSENT, ABSENT, "client-credentials", "password"),
  })
  .map(({ issuer, ...claims }) => ({
    iss: issuer,
    exp: NOW + 600,
    ...Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== ABSENT)),
  }));

type Claims = Readonly<Record<string, unknown>>;

/** Who a token stands for, told apart by everything that could: the reading of a careful person. */
function principalOf({ iss, sub, client_id: clientId, azp, cid, gty }: Claims): string {
  const clients = [...new Set([clientId, azp, cid].filter((value) => value !== undefined))];
  const [only] = clients;
  const isMachine =
    clients.length === 1 &&
    (gty === undefined || gty === "client-credentials") &&
    (sub === only || sub === `${only}@clients` || (gty === "client-credentials" && (sub ?? undefined) === undefined));
  return JSON.stringify(isMachine ? ["machine", iss, only] : ["person", iss, String(sub)]);
}

/** Every value by which the runtime and the template tell users apart. */
function identitiesOf(subject: string, claims: Claims): readonly string[] {
  const token = { subject, claims, organization: "acme" } as unknown as AccessToken;
  return [subject, identityHash(subject), runWithAccessToken(token, () => tenantKey("places", subject))];
}

const encode = (claims: Claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");
const decode = (token: string) => JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;

async function verifiers(): Promise<Readonly<Record<string, (claims: Claims) => Promise<string>>>> {
  const signer = await createSigner("key-1", "RS256");
  const provider = await startProvider(({ path, form, authorization = "" }) => ({
    json:
      path === "/introspect"
        ? { active: true, token_type: "Bearer", ...decode(form.token ?? "") }
        : decode(authorization.slice("Bearer ".length)),
  }));
  const jwts = createJwtVerifier({
    issuer: ISSUERS,
    audience: undefined,
    algorithms: ["RS256"],
    keys: { kind: "public", find: async () => [signer.publicKey] },
    clock,
  });
  const introspection = createIntrospectionVerifier({
    endpoint: `${provider.origin}/introspect`,
    clientId: APP,
    clientSecret: "secret",
    credentials: "",
    issuer: ISSUERS,
    clock,
  });
  const userinfo = createUserinfoVerifier({ endpoint: `${provider.origin}/userinfo`, clientId: APP, clock });
  const subject = (verifier: UpstreamTokenVerifier) => async (token: string) => (await verifier.verify(token)).subject;
  return {
    jwt: async (claims) => subject(jwts)(await signer.sign(claims)),
    introspection: (claims) => subject(introspection)(encode(claims)),
    userinfo: (claims) => subject(userinfo)(encode({ ...claims, iss: ISSUERS[0] })),
  };
}

describe("Security rule 20: one person, one subject", () => {
  it.each(["jwt", "introspection", "userinfo"] as const)("no two principals share an identity, by %s", async (way) => {
    const verify = (await verifiers())[way];
    if (verify === undefined) throw new Error("There is such a verifier.");
    const owners = new Map<string, string>();
    let accepted = 0;
    onTestFinished(() => owners.clear());
    await fc.assert(
      fc.asyncProperty(claimsOf, async (generated) => {
        const claims = way === "userinfo" ? { ...generated, iss: ISSUERS[0] } : generated;
        const subject = await verify(claims).catch((error: unknown) => {
          if (!(error instanceof UpstreamTokenError)) throw error;
          expect(error.fault).toBe("subject");
        });
        if (subject === undefined) return;
        accepted++;
        const principal = principalOf(claims);
        for (const identity of identitiesOf(subject, claims)) {
          expect(owners.get(identity) ?? principal).toBe(principal);
          owners.set(identity, principal);
        }
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
