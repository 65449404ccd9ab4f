import { CompactEncrypt, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { useAttackedServer } from "../support/attacked-server.ts";
import { sendRaw } from "../support/raw-http.ts";

const attacked = useAttackedServer({
  register: (server) =>
    server.registerTool("write", { requiredScopes: ["weather:write"] }, () => {
      writes += 1;
      return "written";
    }),
});
let writes = 0;

const toolCall = (name: string) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } });

async function expectRefused(token: string): Promise<void> {
  const answer = await attacked.server.call(token);
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  const text = await answer.text();
  expect(text).not.toContain(token);
}

/** The parts of a sealed token: header, key, initialization vector, ciphertext, tag. */
async function sealedParts(): Promise<string[]> {
  const { accessToken } = await attacked.login();
  expect((await attacked.server.call(accessToken)).status).toBe(200);
  return accessToken.split(".");
}

describe("an access token", () => {
  it.each([0, 2, 3, 4])("with one character of part %i changed is refused", async (index) => {
    const parts = await sealedParts();
    const part = parts[index] ?? "";
    const changed = `${part.startsWith("A") ? "B" : "A"}${part.slice(1)}`;
    await expectRefused(parts.with(index, changed).join("."));
  });

  it("with the tag of another is refused", async () => {
    const [one, other] = [await sealedParts(), await sealedParts()];
    await expectRefused(one.with(4, other[4] ?? "").join("."));
  });

  it.each([
    ["padded", (token: string) => `${token}=`],
    ["cut short", (token: string) => token.slice(0, -1)],
    ["with a part more", (token: string) => `${token}.AAAA`],
    ["twice", (token: string) => `${token}${token}`],
  ])("%s is refused", async (_name, change) => {
    await expectRefused(change((await sealedParts()).join(".")));
  });

  it("under a header of the attacker's choice is refused", async () => {
    const parts = await sealedParts();
    const { kid } = JSON.parse(Buffer.from(parts[0] ?? "", "base64url").toString()) as { kid: string };
    for (const header of [
      { alg: "dir", enc: "A128GCM", kid },
      { alg: "dir", enc: "A256GCM", kid: "0" },
      { alg: "dir", enc: "A256GCM", zip: "DEF", kid },
      { alg: "none", kid },
      { enc: "A256GCM", alg: "dir", kid },
    ]) {
      const spelled = Buffer.from(JSON.stringify(header)).toString("base64url");
      await expectRefused(parts.with(0, spelled).join("."));
    }
  });

  it("sealed by somebody else under our key id is refused", async () => {
    const parts = await sealedParts();
    const header = JSON.parse(Buffer.from(parts[0] ?? "", "base64url").toString());
    const forged = await new CompactEncrypt(new TextEncoder().encode('["admin"]'))
      .setProtectedHeader(header)
      .encrypt(new Uint8Array(32));
    await expectRefused(forged);
  });

  it("ends when it says, whatever the provider's token in it says", async () => {
    const { accessToken } = await attacked.login();
    attacked.advance(3601);
    await expectRefused(accessToken);
  });

  it("lasts no longer than an hour, although the provider's lasts a day", async () => {
    const { expires_in } = await (await attacked.client()).logIn();
    expect(expires_in).toBeLessThanOrEqual(3600);
  });

  it("holds nothing that a client could read", async () => {
    const { accessToken } = await attacked.login();
    const decoded = accessToken
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("latin1"))
      .join("");
    for (const readable of ["alice", "weather", attacked.auth0.audience, attacked.auth0.clientId]) {
      expect(decoded).not.toContain(readable);
    }
  });
});

describe("a JWT instead of our token is refused", () => {
  const claims = () => ({ iss: attacked.issuer, aud: attacked.resource, sub: "auth0|alice", scope: "weather:write" });

  it("unsigned", async () => {
    await expectRefused(new UnsecuredJWT(claims()).setExpirationTime("1h").encode());
  });

  it("signed with the empty secret, or with the client id", async () => {
    for (const secret of [new Uint8Array(32), new TextEncoder().encode(attacked.auth0.clientId.padEnd(32))]) {
      await expectRefused(await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(secret));
    }
  });

  it("of the provider, for its own API", async () => {
    await expectRefused(await attacked.auth0.issueAccessToken({ user: "alice" }));
  });

  it("of the provider, for our resource", async () => {
    await expectRefused(await attacked.auth0.issueAccessToken({ user: "alice", audience: attacked.resource }));
  });

  it("of the provider, for a machine", async () => {
    await expectRefused(await attacked.auth0.issueMachineToken());
  });
});

describe("a token counts only in the Authorization header, once", () => {
  it.each(["access_token", "token", "authorization", "bearer_token"])("not as the query parameter %s", async (name) => {
    const { accessToken } = await attacked.login();
    const query = new URLSearchParams({ [name]: accessToken });
    expect((await fetch(`${attacked.resource}?${query}`, { method: "POST" })).status).toBe(401);
  });

  it("not in a form, a cookie or another header", async () => {
    const { accessToken } = await attacked.login();
    const body = new URLSearchParams({ access_token: accessToken });
    expect((await fetch(attacked.resource, { method: "POST", body })).status).toBe(401);
    const headers = {
      Cookie: `access_token=${accessToken}`,
      "X-Access-Token": accessToken,
      "Proxy-Authorization": `Bearer ${accessToken}`,
      "X-Forwarded-Authorization": `Bearer ${accessToken}`,
    };
    expect((await fetch(attacked.resource, { method: "POST", headers })).status).toBe(401);
  });

  it("not beside another Authorization header", async () => {
    const { accessToken } = await attacked.login();
    for (const Authorization of [
      [`Bearer ${accessToken}`, "Bearer other"],
      ["Bearer other", `Bearer ${accessToken}`],
      [`Bearer ${accessToken}`, `Bearer ${accessToken}`],
    ]) {
      const answer = await sendRaw(attacked.origin, { method: "POST", path: "/mcp", headers: { Authorization } });
      expect([answer.status, JSON.parse(answer.text).error]).toEqual([400, "invalid_request"]);
    }
  });

  it.each(["Basic", "DPoP", "Token", "Bearer:", "Bear er"])("not under the scheme %s", async (scheme) => {
    const { accessToken } = await attacked.login();
    const headers = { Authorization: `${scheme} ${accessToken}` };
    expect((await fetch(attacked.resource, { method: "POST", headers })).status).toBe(401);
  });
});

it("no cache keeps what a token has opened or been refused", async () => {
  const { accessToken } = await attacked.login();
  const headers = { Authorization: `Bearer ${accessToken}`, Accept: "application/json" };
  const answers = await Promise.all([
    attacked.server.call(accessToken),
    attacked.server.call(accessToken, toolCall("none")),
    attacked.server.call("bad"),
    fetch(attacked.resource, { headers }),
    fetch(attacked.resource, { method: "DELETE", headers }),
  ]);
  for (const answer of answers) {
    expect(answer.headers.get("cache-control")).toMatch(/no-store|no-cache/);
  }
});

describe("a scope is enforced from the body", () => {
  it("whatever the Mcp-Name and Mcp-Method headers say", async () => {
    const { accessToken } = await attacked.login("bob", "openid");
    const answer = await fetch(attacked.resource, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${accessToken}`,
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "whoami",
      },
      body: JSON.stringify(toolCall("write")),
    });
    expect(answer.status).toBe(403);
    expect(writes).toBe(0);
  });

  it("within a batch as well", async () => {
    const { accessToken } = await attacked.login("bob", "openid");
    const answer = await attacked.server.call(accessToken, [toolCall("whoami"), toolCall("write")]);
    expect(answer.status).toBe(403);
    expect(writes).toBe(0);
  });

  it("for a name that is repeated in the JSON", async () => {
    const { accessToken } = await attacked.login("bob", "openid");
    const sneaky = JSON.stringify(toolCall("whoami")).replace('"name":"whoami"', '"name":"whoami","name":"write"');
    expect((await attacked.server.call(accessToken, sneaky)).status).toBe(403);
    expect(writes).toBe(0);
  });

  it("for a user who has no such permission, whatever was asked for at login", async () => {
    const { accessToken } = await attacked.login("bob", "openid weather:write");
    expect((await attacked.server.call(accessToken, toolCall("write"))).status).toBe(403);
    expect(writes).toBe(0);
  });
});
