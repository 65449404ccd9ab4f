import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { isThumbprint } from "./confirmation.ts";
import { createProofVerifier } from "./proof.ts";
import { PROOF_ALGORITHMS } from "./proof-header.ts";
import { createProofReplays, proofReplaysOf } from "./replays.ts";
import { createProofKey, type ProofKey } from "./testing/proof-key.ts";

const URL = "https://mcp.example.com/mcp";
const NOW = 1_800_000_000;
const TOKEN = "the.access.token";
const REQUEST = { method: "POST", urls: [URL], accessToken: TOKEN };
let key: ProofKey;

beforeAll(async () => {
  key = await createProofKey();
});

function verifier(time = { now: NOW }) {
  const clock = () => time.now;
  return createProofVerifier(createProofReplays(createMemoryGuardStore({ clock }), clock), clock);
}

const sign = (changes: Parameters<ProofKey["sign"]>[2] = {}) =>
  key.sign("POST", URL, { iat: NOW, accessToken: TOKEN, ...changes });

async function expectRefusal(proof: string | Promise<string>, reason: RegExp, request = REQUEST) {
  await expect(verifier()(await proof, request)).rejects.toThrowError(
    expect.objectContaining({ code: "invalid_dpop_proof", message: expect.stringMatching(reason) }),
  );
}

describe("a DPoP proof (RFC 9449 section 4.3)", () => {
  it.each(["ES256", "ES384", "RS256", "PS256", "Ed25519", "EdDSA"])("signed with %s shows the key", async (alg) => {
    const other = await createProofKey(alg);
    const proof = await verifier()(await other.sign("POST", URL, { iat: NOW, accessToken: TOKEN }), REQUEST);
    expect(proof.jkt).toBe(other.jkt);
    expect(isThumbprint(proof.jkt)).toBe(true);
  });

  it.each([`${URL}?a=b#c`, "HTTPS://MCP.EXAMPLE.COM:443/mcp", "https://mcp.example.com/x/../mcp"])(
    "is for %s, the same URL",
    async (htu) => {
      await expect(verifier()(await sign({ claims: { htu } }), REQUEST)).resolves.toMatchObject({ jkt: key.jkt });
    },
  );

  it.each([
    ["another host", { htu: "https://evil.example/mcp" }, /htu/],
    ["another path", { htu: "https://mcp.example.com/token" }, /htu/],
    ["another scheme", { htu: "http://mcp.example.com/mcp" }, /htu/],
    ["a host in user information", { htu: "https://mcp.example.com@evil.example/mcp" }, /htu/],
    ["user information", { htu: "https://a:b@mcp.example.com/mcp" }, /htu/],
    ["a list of URLs", { htu: [URL] }, /htu/],
    ["no URL", { htu: undefined }, /htu/],
    ["another method", { htm: "GET" }, /htm/],
    ["the method in lower case", { htm: "post" }, /htm/],
    ["no method", { htm: undefined }, /htm/],
    ["no jti", { jti: undefined }, /jti/],
    ["an empty jti", { jti: "" }, /jti/],
    ["a long jti", { jti: "x".repeat(513) }, /jti/],
    ["a jti that is no text", { jti: 1 }, /jti|time has passed/],
    ["no iat", { iat: undefined }, /iat/],
    ["an iat that is text", { iat: String(NOW) }, /iat|time has passed/],
    ["another token", { ath: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" }, /ath/],
    ["no token", { ath: undefined }, /ath/],
    ["a time that is over", { exp: NOW - 61 }, /time has passed/],
    ["a time that has not begun", { nbf: NOW + 61 }, /time has passed/],
  ])("is refused for %s", (_what, claims, reason) => expectRefusal(sign({ claims }), reason));

  it.each([
    [-121, false],
    [-119, true],
    [59, true],
    [61, false],
  ])("signed %i s from now is good: %s", async (offset, good) => {
    const verdict = verifier()(await sign({ iat: NOW + offset }), REQUEST);
    if (good) {
      await expect(verdict).resolves.toBeDefined();
    } else {
      await expect(verdict).rejects.toThrow("iat");
    }
  });

  it.each([
    ["typ JWT", { typ: "JWT" }, /typ/],
    ["no typ", { typ: undefined }, /typ/],
    ["no jwk", { jwk: undefined }, /jwk/],
    ["a jwk that is text", { jwk: "{}" }, /jwk/],
    ["a list", { jwk: [] }, /jwk/],
    ["a symmetric jwk", { jwk: { kty: "oct", k: "c2VjcmV0" } }, /private or secret/],
    ["a jwk of an unknown kind", { jwk: { kty: "AKP", pub: "AA" } }, /kty/],
    ["a jwk of an inherited kind", { jwk: { kty: "constructor" } }, /kty/],
    ["a huge modulus", { jwk: { kty: "RSA", e: "AQAB", n: "A".repeat(685) } }, /4096/],
    ["a huge exponent", { jwk: { kty: "RSA", e: "A".repeat(7), n: "AAAA" } }, /4096/],
  ])("with %s is refused", (_what, header, reason) => expectRefusal(sign({ header }), reason));

  it("longer than a proof is refused unread", () =>
    expectRefusal(sign({ claims: { more: "x".repeat(6144) } }), /longer than 6144/));

  it("with a crit header is refused", async () => {
    const [head = "", ...rest] = (await sign()).split(".");
    const header = { ...JSON.parse(Buffer.from(head, "base64url").toString()), crit: ["b64"], b64: true };
    await expectRefusal([Buffer.from(JSON.stringify(header)).toString("base64url"), ...rest].join("."), /crit/);
  });

  it("that shows its private key is refused, and the message says what to do", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(privateKey);
    await expectRefusal(sign({ header: { jwk } }), /private or secret key. Send the public one/);
  });

  it("by another key than the one it shows is refused", async () => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    await expectRefusal(sign({ header: { jwk: await exportJWK(publicKey) } }), /signature/);
  });

  it("that was changed is refused", async () => {
    const [header, , signature] = (await sign()).split(".");
    const payload = Buffer.from(JSON.stringify({ jti: "1", htm: "POST", htu: URL, iat: NOW })).toString("base64url");
    await expectRefusal([header, payload, signature].join("."), /signature/);
  });

  it.each(["HS256", "none"])("with alg %s is refused", async (alg) => {
    const jwk = { kty: "oct", k: Buffer.alloc(32).toString("base64url") } as JWK;
    const header = { typ: "dpop+jwt", alg, jwk };
    const proof =
      alg === "none"
        ? `${Buffer.from(JSON.stringify(header)).toString("base64url")}.e30.`
        : await new SignJWT({}).setProtectedHeader(header).sign(Buffer.alloc(32));
    expect(PROOF_ALGORITHMS).not.toContain(alg);
    await expectRefusal(proof, /alg/);
  });

  it.each(["", "x", "a.b", "a.b.c", "a.b.c.d.e", `${"x".repeat(6145)}`])("%.20j is none", (proof) =>
    expectRefusal(proof, /JWT|longer/),
  );
});

describe("a DPoP proof counts once", () => {
  it("within the time that it is good for, and a new one does then", async () => {
    const time = { now: NOW };
    const verify = verifier(time);
    const proof = await sign();
    await (await verify(proof, REQUEST)).use();
    time.now += 119;
    await expect((await verify(proof, REQUEST)).use()).rejects.toThrow("used before");
    await (await verify(await sign({ iat: time.now }), REQUEST)).use();
  });

  it("at replicas whose clocks differ, too: what has ended for one is still good for another", async () => {
    let now = NOW + 119;
    const clock = () => now;
    const replays = createProofReplays(createMemoryGuardStore({ clock }), clock);
    const proof = await sign();
    await (await createProofVerifier(replays, clock)(proof, REQUEST)).use();
    now += 10;
    const behind = createProofVerifier(replays, () => clock() - 50);
    await expect((await behind(proof, REQUEST)).use()).rejects.toThrow("used before");
  });

  it("whichever spelling of the URL it has, and by its key: another client may have the same jti", async () => {
    const verify = verifier();
    const claims = { jti: "the-same" };
    await (await verify(await sign({ claims }), REQUEST)).use();
    const again = await sign({ claims: { ...claims, htu: `${URL}?other` } });
    await expect((await verify(again, REQUEST)).use()).rejects.toThrow("used before");
    const other = await createProofKey();
    const theirs = await other.sign("POST", URL, { iat: NOW, accessToken: TOKEN, claims });
    await (await verify(theirs, REQUEST)).use();
  });

  it("in a process whose store comes back, and takes the claim that failed for the first one", async () => {
    const clock = () => NOW;
    let down = true;
    const claim = () => (down ? Promise.reject(new GuardStoreUnavailable("down")) : Promise.resolve(true));
    const replays = createProofReplays({ ...createMemoryGuardStore({ clock }), claim }, clock);
    await replays.claim("a", 60);
    down = false;
    await expect(replays.claim("a", 60)).rejects.toThrow("used before");
    await replays.claim("b", 60);
  });

  it("in a process whose store answers one request and fails for another at the same time", async () => {
    const clock = () => NOW;
    const answers: { resolve(isFirst: boolean): void; reject(error: Error): void }[] = [];
    const claim = () => new Promise<boolean>((resolve, reject) => answers.push({ resolve, reject }));
    const replays = createProofReplays({ ...createMemoryGuardStore({ clock }), claim }, clock);
    const [first, second] = [replays.claim("a", 60), replays.claim("a", 60)];
    answers[1]?.reject(new GuardStoreUnavailable("down"));
    await second;
    answers[0]?.resolve(true);
    await expect(first).rejects.toThrow("used before");
  });

  it("in a process whose store goes away", async () => {
    const clock = () => NOW;
    let down = false;
    const claim = () => (down ? Promise.reject(new GuardStoreUnavailable("down")) : Promise.resolve(true));
    const replays = createProofReplays({ ...createMemoryGuardStore({ clock }), claim }, clock);
    await replays.claim("a", 60);
    down = true;
    await expect(replays.claim("a", 60)).rejects.toThrow("used before");
    await replays.claim("b", 60);
  });

  it("Security rule 22: and one key may use ten thousand in a few minutes, so that it fills the store for no other", async () => {
    let now = NOW;
    const clock = () => now;
    const replays = createProofReplays(createMemoryGuardStore({ clock }), clock);
    for (let index = 0; index < 10_000; index++) {
      await replays.claim(`a-${index}`, 180, "a");
    }
    await expect(replays.claim("a-10000", 180, "a")).rejects.toMatchObject({
      code: "temporarily_unavailable",
      status: 429,
      retryAfter: 24,
    });
    await replays.claim("b", 180, "b");
    now += 300;
    await replays.claim("a-10001", 180, "a");
  });

  it("Security rule 22: and one user may use as many with all keys together, at every endpoint of a server", async () => {
    const clock = () => NOW;
    const store = createMemoryGuardStore({ clock });
    for (let index = 0; index < 10_000; index++) {
      await proofReplaysOf(store, clock).claim(`a-${index}`, 180, `key ${index % 10}`, "alice");
    }
    const claim = (key: string, subject: string) =>
      proofReplaysOf(store, clock).claim(`${key} of ${subject}`, 180, key, subject);
    await expect(claim("another key", "alice")).rejects.toMatchObject({ status: 429 });
    await claim("key 1", "bob");
    await claim("alice", "carol");
  });

  it("and proofs that come again take nothing of their key's share", async () => {
    const clock = () => NOW;
    const replays = createProofReplays(createMemoryGuardStore({ clock }), clock);
    await replays.claim("a", 180, "a");
    for (let count = 0; count < 10_001; count++) {
      await replays.claim("a", 180, "a").catch(() => undefined);
    }
    await replays.claim("another", 180, "a");
  });

  it("and a key has a tenth of the room in this process while the store is down", async () => {
    const clock = () => NOW;
    const claim = () => Promise.reject(new GuardStoreUnavailable("down"));
    const replays = createProofReplays({ ...createMemoryGuardStore({ clock }), claim }, clock);
    for (let index = 0; index < 2000; index++) {
      await replays.claim(`a-${index}`, 180, "a");
    }
    await expect(replays.claim("a-2000", 180, "a")).rejects.toMatchObject({ status: 429 });
    await replays.claim("b", 180, "b");
  });

  it("in this process while the store is down, and no more are taken than fit", async () => {
    const clock = () => NOW;
    const store = {
      ...createMemoryGuardStore({ clock }),
      claim: () => Promise.reject(new GuardStoreUnavailable("down")),
    };
    const replays = createProofReplays(store, clock);
    await replays.claim("a", 60);
    await expect(replays.claim("a", 60)).rejects.toThrowError(expect.objectContaining({ code: "invalid_dpop_proof" }));
    await Promise.all(Array.from({ length: 19_999 }, (_, index) => replays.claim(String(index), 60)));
    await expect(replays.claim("one more", 60)).rejects.toThrowError(
      expect.objectContaining({ code: "temporarily_unavailable", status: 503 }),
    );
  });
});
