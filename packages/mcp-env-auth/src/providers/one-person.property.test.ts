import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { placesOwner } from "../../../../templates/weather/src/saved-places-owner.ts";
import { type AccessToken, runWithAccessToken } from "../access-token.ts";
import { silentLogger } from "../logger.ts";
import { identityHash } from "../proxy/tokens/sealed-tokens.ts";
import { tenantKey } from "../tenant-key.ts";
import { createIntrospectionVerifier } from "../upstream/introspection-verifier.ts";
import { createJwtVerifier } from "../upstream/jwt-verifier.ts";
import type { SubjectRules } from "../upstream/subject-rules.ts";
import { startProvider } from "../upstream/testing/provider-server.ts";
import { createSigner } from "../upstream/testing/signer.ts";
import { createUpstreamTokenExchange } from "../upstream/token-exchange.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { createUserinfoVerifier } from "../upstream/userinfo-verifier.ts";
import { OIDCProxy } from "./oidc.ts";
import { startLoginServer, withoutSub } from "./testing/login-server.ts";
import {
  ISSUERS,
  keyOf,
  MACHINE_SHAPES,
  NAMED_SHAPES,
  NAMELESS,
  PERSON_SHAPES,
  type Principal,
  people,
  principals,
  USERINFO_MACHINE_SHAPES,
  USERINFO_SHAPES,
} from "./testing/principals.ts";

type Claims = Readonly<Record<string, unknown>>;

const NOW = 1_700_000_000;
const clock = () => NOW;
const signer = await createSigner("key-1", "RS256");

const encode = (claims: Claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");
const decode = (token: string) => JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;

/** A provider that looks tokens up, and exchanges each for one of its own. */
async function startLookups() {
  const provider = await startProvider(({ path, form, authorization = "" }) => ({
    json:
      path === "/introspect"
        ? { active: true, token_type: "Bearer", ...decode(form.token ?? "") }
        : path === "/exchange"
          ? { access_token: `exchanged ${form.subject_token}`, token_type: "Bearer", expires_in: 600 }
          : decode(authorization.slice("Bearer ".length)),
  }));
  const options = { clientId: "ours", clientSecret: "secret", credentials: "", clock };
  const exchange = createUpstreamTokenExchange({
    metadata: {
      ...{ authorizationEndpoint: `${provider.origin}/authorize`, tokenEndpoint: `${provider.origin}/exchange` },
      ...{ scopesSupported: [], tokenEndpointAuthMethodsSupported: [], idTokenSigningAlgorithms: [] },
      sendsIssuer: false,
    },
    ...{ ...options, variables: { clientId: "", clientSecret: "" }, logger: silentLogger },
  });
  return {
    exchange: (token: string) =>
      exchange({ subjectToken: token, expiresAt: NOW + 600, audience: "api", resource: undefined, scopes: [] }),
    introspection: (subject?: SubjectRules) =>
      createIntrospectionVerifier({
        ...{ ...options, endpoint: `${provider.origin}/introspect`, issuer: ISSUERS },
        subject,
      }),
    userinfo: createUserinfoVerifier({
      ...{ endpoint: `${provider.origin}/userinfo`, clientId: "ours", clock },
      subject: { application: "ours" },
    }),
  };
}

const jwts = (issuer: readonly string[] | undefined, subject?: SubjectRules): UpstreamTokenVerifier =>
  createJwtVerifier({
    ...{ issuer, audience: undefined, algorithms: ["RS256"], clock, subject },
    keys: { kind: "public", find: async () => [signer.publicKey] },
  });

const byUsername = { claim: "username" };

/** A way to take tokens, and what tokens come that way. */
interface Way {
  readonly name: string;
  readonly verifier: (lookups: Awaited<ReturnType<typeof startLookups>>) => UpstreamTokenVerifier;
  readonly token: (claims: Claims) => string | Promise<string>;
  readonly principals: fc.Arbitrary<Principal>;
  readonly people: typeof PERSON_SHAPES;
  readonly machines: typeof MACHINE_SHAPES;
}

const jwt = { token: (claims: Claims) => signer.sign(claims), people: PERSON_SHAPES, machines: MACHINE_SHAPES };
const opaque = { token: encode, people: PERSON_SHAPES, machines: MACHINE_SHAPES };
const ONE_ISSUER = [ISSUERS[0]];

const WAYS: readonly Way[] = [
  { ...jwt, name: "JWTs", verifier: () => jwts(ISSUERS), principals: principals(ISSUERS) },
  {
    ...{ ...jwt, people: NAMED_SHAPES, name: "JWTs, by SUBJECT_CLAIM" },
    ...{ verifier: () => jwts(ISSUERS, byUsername), principals: principals(ISSUERS) },
  },
  {
    // Without ISSUER, the key is one issuer's: only its people come.
    ...{ ...jwt, name: "JWTs without ISSUER", verifier: () => jwts(undefined) },
    principals: fc.oneof(
      people(ONE_ISSUER),
      principals(ISSUERS).filter(({ kind }) => kind === "machine"),
    ),
  },
  {
    ...{ ...jwt, people: NAMED_SHAPES, name: "JWTs without ISSUER, by SUBJECT_CLAIM" },
    ...{ verifier: () => jwts(undefined, byUsername), principals: principals(ISSUERS) },
  },
  {
    ...{ ...opaque, name: "introspection" },
    ...{ verifier: ({ introspection }) => introspection(), principals: principals(ISSUERS) },
  },
  {
    ...{ ...opaque, people: NAMED_SHAPES, name: "introspection, by SUBJECT_CLAIM" },
    ...{ verifier: ({ introspection }) => introspection(byUsername), principals: principals(ISSUERS) },
  },
  {
    ...{ ...opaque, people: USERINFO_SHAPES, machines: USERINFO_MACHINE_SHAPES, name: "userinfo" },
    ...{ verifier: ({ userinfo }) => userinfo, principals: principals(ONE_ISSUER) },
  },
];

/** What tells users apart in the runtime and in the template: the subject and all that is made of it. */
function identitiesOf(subject: string, claims: Claims): readonly string[] {
  const token = { subject, claims } as unknown as AccessToken;
  const tenant = { ...token, organization: "acme" };
  return [
    `subject ${subject}`,
    `hash ${identityHash(subject)}`,
    `tenant ${runWithAccessToken(tenant, () => tenantKey(subject))}`,
    `places ${runWithAccessToken(token, placesOwner)}`,
    `places ${runWithAccessToken(tenant, placesOwner)}`,
  ];
}

async function refusedOr<T>(verified: Promise<T>): Promise<T | undefined> {
  return verified.catch((error: unknown) => {
    if (!(error instanceof UpstreamTokenError)) {
      throw error;
    }
    expect(error.fault).toBe("subject");
    return undefined;
  });
}

describe("Security rule 20: one person, one subject", () => {
  it.each(WAYS)("no two principals share an identity, and none has two: $name", async (way) => {
    const lookups = await startLookups();
    const verifier = way.verifier(lookups);
    const owners = new Map<string, string>();
    const subjects = new Map<string, string>();
    onTestFinished(() => owners.clear());
    await fc.assert(
      fc.asyncProperty(way.principals, fc.nat(), async (principal, choice) => {
        const shapes = principal.kind === "person" ? way.people : way.machines;
        const said = shapes[choice % shapes.length]?.(principal.id) ?? {};
        const claims = { iss: principal.issuer, exp: NOW + 600, ...said };
        const token = await way.token(claims);
        const verified = await refusedOr(verifier.verify(token));
        if (verified === undefined) {
          return;
        }
        const key = keyOf(principal);
        expect(subjects.get(key) ?? verified.subject).toBe(verified.subject);
        subjects.set(key, verified.subject);
        const exchanged = `exchanged ${await lookups.exchange(token)}`;
        for (const identity of [...identitiesOf(verified.subject, verified.claims), exchanged]) {
          expect([identity, owners.get(identity) ?? key]).toEqual([identity, key]);
          owners.set(identity, key);
        }
      }),
      { numRuns: 400 },
    );
    expect(subjects.size).toBeGreaterThan(20);
  });

  it.each(WAYS)("a token that says of nobody whose it is, is nobody's: $name", async (way) => {
    const verifier = way.verifier(await startLookups());
    for (const claims of NAMELESS) {
      const token = await way.token({ iss: ISSUERS[0], exp: NOW + 600, ...claims });
      expect([claims, await refusedOr(verifier.verify(token))]).toEqual([claims, undefined]);
    }
  });
});

/** A shape of a login: what its access token and its id token say. */
interface LoginTokens {
  readonly access: Claims;
  readonly id: Claims;
}

const LOGIN_SHAPES: readonly ((id: string) => LoginTokens)[] = [
  (id) => ({ access: { sub: id }, id: { sub: id } }),
  (id) => ({ access: {}, id: { sub: id, azp: "app" } }),
  (id) => ({ access: { sub: null }, id: { sub: id, oid: id, idtyp: "app", azp: "app" } }),
  (id) => ({ access: { sub: " " }, id: { sub: String(Number(id)) === id ? Number(id) : id } }),
  (id) => ({ access: { sub: id, client_id: null }, id: { sub: " " } }),
];

const NAMED_LOGIN_SHAPES: readonly ((id: string) => LoginTokens)[] = [
  (username) => ({ access: { sub: "shared", username }, id: { sub: "shared", username } }),
  (username) => ({ access: { sub: "shared" }, id: { sub: "shared", username } }),
  (username) => ({ access: {}, id: { sub: "shared", username } }),
];

describe("Security rule 20: a session", () => {
  const pair = fc.record({ one: people(ONE_ISSUER), other: people(ONE_ISSUER), same: fc.boolean() });

  it.each([
    ["sub", LOGIN_SHAPES, {}],
    ["SUBJECT_CLAIM", NAMED_LOGIN_SHAPES, { SUBJECT_CLAIM: "username" }],
  ])("goes on for its own user only, whatever tokens a refresh brings: by %s", async (_claim, shapes, variables) => {
    let says: LoginTokens = { access: {}, id: {} };
    const { server } = await startLoginServer(
      { claims: (_grant, iss) => withoutSub({ iss, ...says.access }), idTokenClaims: () => says.id },
      OIDCProxy,
      variables,
    );
    const outcomes = { own: 0, another: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(pair, fc.nat(), fc.nat(), async ({ one, other, same }, atLogin, atRefresh) => {
        const next = same ? one : other;
        says = shapes[atLogin % shapes.length]?.(one.id) ?? says;
        const login = await server.logIn().catch((error: Error) => {
          expect(error.message).toMatch(/identifies nobody|reserved|application/);
          outcomes.refused++;
        });
        if (login === undefined) {
          return;
        }
        const { subject } = await server.verify(login.tokens.access_token);
        expect(subject).toBe(one.id);
        says = shapes[atRefresh % shapes.length]?.(next.id) ?? says;
        const { status, body } = await login.client.refresh(login.tokens.refresh_token);
        expect([one.id, next.id, status, body.error]).toEqual(
          next.id === one.id ? [one.id, next.id, 200, undefined] : [one.id, next.id, 400, "invalid_grant"],
        );
        outcomes[next.id === one.id ? "own" : "another"]++;
      }),
      { numRuns: 40 },
    );
    expect(Math.min(outcomes.own, outcomes.another)).toBeGreaterThan(2);
  });
});
