import { beforeAll, describe, expect, it } from "vitest";
import {
  createProofKey,
  type ProofChanges,
  type ProofKey,
} from "../../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import { type McpClient, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";
import { WHOAMI } from "../support/oauth-steps.ts";
import { sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer();
let key: ProofKey;
let thief: ProofKey;

beforeAll(async () => {
  [key, thief] = await Promise.all([createProofKey(), createProofKey()]);
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
}

const tokenUrl = () => `${attacked.origin}/token`;

async function token(form: Record<string, string>, proof?: string) {
  const headers: Record<string, string> = proof === undefined ? {} : { DPoP: proof };
  const response = await fetch(tokenUrl(), { method: "POST", headers, body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Tokens & { error?: string } };
}

const prove = (by: ProofKey = key, changes: ProofChanges = {}) =>
  by.sign("POST", tokenUrl(), { iat: attacked.clock(), ...changes });

async function codeOf(client: McpClient, overrides: Record<string, string> = {}) {
  const redirect = await client.authorize(new TestBrowser(), "alice", overrides);
  const code = redirect.searchParams.get("code") ?? "";
  return {
    redirect,
    form: {
      grant_type: "authorization_code",
      code,
      client_id: client.id,
      redirect_uri: client.redirectUri,
      code_verifier: client.pkce.verifier,
    },
  };
}

async function bound(metadata?: Record<string, unknown>) {
  const client = await attacked.client(metadata);
  const { form } = await codeOf(client);
  const { status, body } = await token(
    { ...form, ...(client.secret && { client_secret: client.secret }) },
    await prove(),
  );
  expect([status, body.token_type]).toEqual([200, "DPoP"]);
  return { client, ...body };
}

const refreshForm = (client: McpClient, refresh_token: string) => ({
  grant_type: "refresh_token",
  refresh_token,
  client_id: client.id,
  ...(client.secret && { client_secret: client.secret }),
});

/** Calls a tool with these headers. */
async function call(headers: Record<string, string>) {
  const response = await fetch(attacked.resource, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify(WHOAMI),
  });
  return { status: response.status, challenge: response.headers.get("www-authenticate"), text: await response.text() };
}

async function callWith(accessToken: string, by: ProofKey = key, changes: ProofChanges = {}, url = attacked.resource) {
  const proof = await by.sign("POST", url, { iat: attacked.clock(), accessToken, ...changes });
  return call({ Authorization: `DPoP ${accessToken}`, DPoP: proof });
}

describe("a token that is bound to a key", () => {
  it("is good with a proof for each call, and no more than once each", async () => {
    const { access_token } = await bound();
    for (const _call of [1, 2]) {
      expect((await callWith(access_token)).status).toBe(200);
    }
    const proof = await key.sign("POST", attacked.resource, { iat: attacked.clock(), accessToken: access_token });
    const headers = { Authorization: `DPoP ${access_token}`, DPoP: proof };
    expect((await call(headers)).status).toBe(200);
    const replayed = await call(headers);
    expect(replayed.status).toBe(401);
    expect(replayed.challenge).toContain('DPoP error="invalid_dpop_proof"');
  });

  it("is no bearer token: whoever has stolen it alone gets a DPoP challenge beside the usual one", async () => {
    const { access_token } = await bound();
    const { status, challenge } = await call({ Authorization: `Bearer ${access_token}` });
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer (?:[a-z_]+="[^"]*", )*resource_metadata="[^"]+", DPoP error="invalid_token"/);
    expect(challenge).toMatch(/algs="[^"]*ES256[^"]*"/);
  });

  it("is not good with the Bearer scheme beside a proof, nor with the DPoP scheme without one", async () => {
    const { access_token } = await bound();
    const proof = await key.sign("POST", attacked.resource, { iat: attacked.clock(), accessToken: access_token });
    expect((await call({ Authorization: `Bearer ${access_token}`, DPoP: proof })).status).toBe(401);
    const without = await call({ Authorization: `DPoP ${access_token}` });
    expect([without.status, without.challenge]).toEqual([401, expect.stringContaining("invalid_dpop_proof")]);
  });

  it("is not good with a proof of another key, or for another token, method, address or time", async () => {
    const { access_token } = await bound();
    const { access_token: other } = await bound();
    const attempts = [
      callWith(access_token, thief),
      callWith(access_token, key, { accessToken: other }),
      callWith(access_token, key, { claims: { ath: undefined } }),
      callWith(access_token, key, { claims: { htm: "GET" } }),
      callWith(access_token, key, {}, tokenUrl()),
      callWith(access_token, key, {}, "https://other.example/mcp"),
      callWith(access_token, key, { iat: attacked.clock() - 121 }),
      callWith(access_token, key, { iat: attacked.clock() + 61 }),
      callWith(access_token, key, { header: { typ: "JWT" } }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(attempts.map(() => 401));
    expect((await callWith(access_token)).status).toBe(200);
  });

  it("is not good with two proofs, in one header or in two", async () => {
    const { access_token } = await bound();
    const proofs = await Promise.all(
      [1, 2].map(() => key.sign("POST", attacked.resource, { iat: attacked.clock(), accessToken: access_token })),
    );
    const joined = await call({ Authorization: `DPoP ${access_token}`, DPoP: proofs.join(", ") });
    expect(joined.status).toBe(401);
    const { status } = await sendRaw(attacked.origin, {
      method: "POST",
      path: "/mcp",
      headers: {
        Authorization: `DPoP ${access_token}`,
        DPoP: proofs,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
      },
      body: JSON.stringify(WHOAMI),
    });
    expect(status).toBe(401);
  });

  it("is judged before the body is read", async () => {
    const { access_token } = await bound();
    const response = await fetch(attacked.resource, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `DPoP ${access_token}` },
      body: "not JSON",
    });
    expect(response.status).toBe(401);
  });

  it("is revoked and expires as any other", async () => {
    const { client, access_token, refresh_token } = await bound();
    expect((await client.revoke(refresh_token)).status).toBe(200);
    expect((await callWith(access_token)).status).toBe(401);
  });
});

describe("a token that is not bound", () => {
  it("is not made to look bound: the DPoP scheme is refused, whoever signs the proof", async () => {
    const { accessToken } = await attacked.login();
    const { status, challenge } = await callWith(accessToken, thief);
    expect([status, challenge]).toEqual([401, expect.stringContaining('DPoP error="invalid_token"')]);
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });

  it("and its users see no word of DPoP in challenges and answers", async () => {
    const client = await attacked.client();
    const { form } = await codeOf(client);
    expect((await token(form)).body.token_type).toBe("Bearer");
    for (const headers of [{}, { Authorization: "Bearer nonsense" }] as Record<string, string>[]) {
      expect((await call(headers)).challenge).not.toContain("DPoP");
    }
  });
});

describe("a refresh token of a public client", () => {
  it("is bound to the key of its login, and so is all that follows from it", async () => {
    const { client, refresh_token } = await bound();
    const form = refreshForm(client, refresh_token);
    const stolen = await token(form);
    expect([stolen.status, stolen.body.error]).toEqual([400, "invalid_dpop_proof"]);
    const wrong = await token(form, await prove(thief));
    expect([wrong.status, wrong.body.error]).toEqual([400, "invalid_grant"]);
    // Neither used it up, nor ended the session.
    const renewed = await token(form, await prove());
    expect([renewed.status, renewed.body.token_type]).toEqual([200, "DPoP"]);
    expect((await callWith(renewed.body.access_token)).status).toBe(200);
    expect((await callWith(renewed.body.access_token, thief)).status).toBe(401);
    expect((await token(refreshForm(client, renewed.body.refresh_token))).body.error).toBe("invalid_dpop_proof");
  });

  it("of before is bound from the first refresh with a proof on", async () => {
    const { client, refreshToken } = await attacked.login();
    const renewed = await token(refreshForm(client, refreshToken), await prove());
    expect(renewed.body.token_type).toBe("DPoP");
    expect((await token(refreshForm(client, renewed.body.refresh_token))).body.error).toBe("invalid_dpop_proof");
  });

  it("used twice at once with different keys gives nobody a token of the other's", async () => {
    const { client, refreshToken } = await attacked.login();
    const form = refreshForm(client, refreshToken);
    const answers = await Promise.all([token(form, await prove()), token(form, await prove(thief))]);
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    const owner = answers[0]?.status === 200 ? key : thief;
    expect((await callWith(good[0]?.body.access_token ?? "", owner)).status).toBe(200);
    expect((await callWith(good[0]?.body.access_token ?? "", owner === key ? thief : key)).status).toBe(401);
  });
});

describe("a confidential client", () => {
  it("may change its key, since its refresh token is bound to its credentials", async () => {
    const { client, refresh_token } = await bound({ token_endpoint_auth_method: "client_secret_post" });
    const renewed = await token(refreshForm(client, refresh_token), await prove(thief));
    expect([renewed.status, renewed.body.token_type]).toEqual([200, "DPoP"]);
    expect((await callWith(renewed.body.access_token, thief)).status).toBe(200);
    const { client_secret: _left, ...withoutSecret } = refreshForm(client, renewed.body.refresh_token) as Record<
      string,
      string
    >;
    expect((await token(withoutSecret, await prove(thief))).body.error).toBe("invalid_client");
  });
});

describe("an authorization code", () => {
  it("with dpop_jkt is for that key alone, and nobody uses it up with another (RFC 9449 section 10)", async () => {
    const client = await attacked.client();
    const { form } = await codeOf(client, { dpop_jkt: key.jkt });
    expect((await token(form)).body.error).toBe("invalid_dpop_proof");
    expect((await token(form, await prove(thief))).body.error).toBe("invalid_grant");
    expect((await token(form, await prove())).body.token_type).toBe("DPoP");
  });

  it("with a dpop_jkt that is none is refused before anybody is asked", async () => {
    const client = await attacked.client();
    const browser = new TestBrowser();
    const url = client.authorizeUrl({ dpop_jkt: "not a thumbprint" });
    const redirect = new URL((await browser.get(url)).headers.get("location") ?? "");
    expect(redirect.searchParams.get("error")).toBe("invalid_request");
    url.searchParams.set("dpop_jkt", key.jkt);
    url.searchParams.append("dpop_jkt", thief.jkt);
    const repeated = new URL((await browser.get(url)).headers.get("location") ?? "");
    expect(repeated.searchParams.get("error")).toBe("invalid_request");
  });

  it("is not used up by a proof that is broken, old, or used before", async () => {
    const client = await attacked.client();
    const { form } = await codeOf(client);
    const used = await prove();
    await token(form, "nonsense");
    await token(form, await prove(key, { iat: attacked.clock() - 300 }));
    await token(form, await key.sign("POST", attacked.resource, { iat: attacked.clock() }));
    expect((await token(form, used)).status).toBe(200);
    const second = await codeOf(client);
    expect((await token(second.form, used)).body.error).toBe("invalid_dpop_proof");
    expect((await token(second.form, await prove())).status).toBe(200);
  });
});

describe("a client that registered for bound tokens only", () => {
  it("gets no others, at login and at refresh (RFC 9449 section 5.2)", async () => {
    const client = await attacked.client({ dpop_bound_access_tokens: true });
    const { form } = await codeOf(client);
    expect((await token(form)).body.error).toBe("invalid_dpop_proof");
    const { body } = await token(form, await prove());
    expect(body.token_type).toBe("DPoP");
    expect((await token(refreshForm(client, body.refresh_token))).body.error).toBe("invalid_dpop_proof");
  });

  it("says so as a boolean, and is told so", async () => {
    const register = (dpop_bound_access_tokens: unknown) =>
      fetch(`${attacked.origin}/register`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ redirect_uris: ["http://127.0.0.1:1/callback"], dpop_bound_access_tokens }),
      });
    expect(await (await register(true)).json()).toMatchObject({ dpop_bound_access_tokens: true });
    expect(await (await register(false)).json()).not.toHaveProperty("dpop_bound_access_tokens");
    expect(await (await register("true")).json()).toMatchObject({ error: "invalid_client_metadata" });
  });
});

describe("proofs", () => {
  it("of nobody's grants are not remembered: they take no room from those of others", async () => {
    const client = await attacked.client();
    const proof = await prove();
    const form = {
      grant_type: "authorization_code",
      code: "none",
      client_id: client.id,
      code_verifier: "v".repeat(43),
    };
    for (const _try of [1, 2]) {
      expect((await token(form, proof)).body.error).toBe("invalid_grant");
    }
    const { form: good } = await codeOf(client);
    expect((await token(good, proof)).status).toBe(200);
  });

  it("Security rule 11: are in no line of the log", async () => {
    const { access_token } = await bound();
    const proof = await key.sign("POST", attacked.resource, { iat: attacked.clock(), accessToken: access_token });
    await call({ Authorization: `DPoP ${access_token}`, DPoP: proof });
    await call({ Authorization: `DPoP ${access_token}`, DPoP: `${proof}x` });
    expect(JSON.stringify(attacked.server.lines)).not.toContain(proof);
    expect(JSON.stringify(attacked.server.lines)).not.toContain(access_token);
  });

  it("may come from a web page: the preflight lets the DPoP header through", async () => {
    const response = await fetch(tokenUrl(), {
      method: "OPTIONS",
      headers: {
        Origin: "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "dpop,content-type",
      },
    });
    expect(response.headers.get("access-control-allow-headers")).toContain("dpop");
  });
});
