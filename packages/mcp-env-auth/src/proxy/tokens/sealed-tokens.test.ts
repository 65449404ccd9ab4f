import { describe, expect, it } from "vitest";
import { createKeyring } from "../../sealing/keyring.ts";
import { unpackPayload } from "../../sealing/payload.ts";
import { ROOT_KEYS } from "../testing/proxy-server.ts";
import { type AccessGrant, openToken, sealToken } from "./sealed-tokens.ts";

const keyring = createKeyring(ROOT_KEYS, ["https://mcp.example.com/", "session"]);

const GRANT: AccessGrant = {
  ...{ tokenId: "token", family: "family", loginTime: 1, expiresAt: 2, subjectHash: "subject", clientHash: "client" },
  ...{ scopes: ["read"], resource: "https://mcp.example.com/mcp", providerToken: "opaque" },
};

/** Every token in use is packed like this. */
const COMMON = ["token", "family", 1, 2, "subject", "client", ["read"], "https://mcp.example.com/mcp", null];

async function packed(grant: AccessGrant) {
  const opened = await keyring.open("access", await sealToken(keyring, "access", grant));
  return opened && unpackPayload(opened.payload);
}

describe("the fields of a sealed access token", () => {
  it.each([
    ["none that is rare", {}, []],
    ["a key", { jkt: "key" }, ["key"]],
    ["a subject", { subject: "alice" }, [null, "alice"]],
    ["a key and a subject", { jkt: "key", subject: "alice" }, ["key", "alice"]],
    ["a subject by its claim", { subject: "alice", subjectClaim: "username" }, [null, "alice", "username"]],
  ])("are packed in an order that never changes, the rare ones as far as the last: %s", async (_what, rare, fields) => {
    const grant = { ...GRANT, ...rare };
    expect(await packed(grant)).toEqual({ fields: [...COMMON, ...fields], nested: "opaque" });
    const token = await sealToken(keyring, "access", grant);
    expect((await openToken(keyring, "access", token))?.contents).toEqual(grant);
  });
});
