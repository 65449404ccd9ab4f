import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./support/cli.ts";
import { type InProcessServer, launchInProcess } from "./support/in-process.ts";

const AUTH0 = "FASTMCP_SERVER_AUTH_AUTH0_";
const KEY = "a-signing-key-of-more-than-thirty-two-bytes";
const OTHER_KEY = "another-signing-key-of-more-than-32-bytes";

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };
let values: Readonly<Record<string, string>>;

/** What a client has in its hands between its registration and its last refresh. */
beforeAll(async () => {
  auth0 = await startDevAuth0();
  server = await launchInProcess({ auth0, env: { [`${AUTH0}JWT_SIGNING_KEY`]: KEY } });
  const { form } = await server.getCode();
  const { clientId, accessToken, refreshToken } = await server.getSession("alice", { scope: "openid offline_access" });
  values = { code: form.code ?? "", clientId, accessToken, refreshToken };
});
afterAll(async () => {
  await server.close();
  await auth0.close();
});

interface Verdict {
  readonly kind: string;
  readonly value?: string;
  readonly accepted: boolean;
  readonly reason: string;
  readonly claims: readonly { readonly claim: string; readonly status: string; readonly message: string }[];
}

async function explain(value: string, changes: Readonly<Record<string, string>> = {}): Promise<Verdict> {
  const env = { ...auth0.env(server.origin), [`${AUTH0}JWT_SIGNING_KEY`]: KEY, ...changes };
  const { stdout, stderr } = await runCli(["doctor", "--token", "--json"], { env, stdin: value });
  for (const part of value.split(".").filter((text) => text.length > 16)) {
    expect(stdout + stderr).not.toContain(part);
  }
  return JSON.parse(stdout) as Verdict;
}

const key = ({ claims }: Verdict) => claims.find(({ claim }) => claim === "key");

describe("doctor --token recognizes what is no access token of this server", () => {
  it.each([
    ["refreshToken", "refresh-token", "Use access_token of the same response."],
    ["clientId", "client-id", "It is a client id of this server"],
    ["code", "code", "exchanges it at the token endpoint"],
  ] as const)("%s", async (name, value, words) => {
    const verdict = await explain(values[name] ?? "");
    expect(verdict).toMatchObject({ kind: "sealed", value, accepted: false });
    expect(verdict.reason).toContain(words);
    expect(key(verdict)).toMatchObject({ status: "ok" });
    expect(verdict.claims.find(({ claim }) => claim === "client")?.message).toContain("as the log names it");
  });

  it("says under which key each is sealed: a previous one, one for client ids only, or none that there is", async () => {
    const rotated = { [`${AUTH0}JWT_SIGNING_KEY`]: OTHER_KEY, [`${AUTH0}JWT_SIGNING_KEY_PREVIOUS`]: `["${KEY}"]` };
    const previous = await explain(values.refreshToken ?? "", rotated);
    expect(previous.value).toBe("refresh-token");
    expect(key(previous)?.message).toContain(`${AUTH0}JWT_SIGNING_KEY_PREVIOUS`);
    expect((await explain(values.accessToken ?? "", rotated)).accepted).toBe(true);

    const retired = {
      [`${AUTH0}JWT_SIGNING_KEY`]: OTHER_KEY,
      [`${AUTH0}JWT_SIGNING_KEY_REGISTRATIONS`]: `["${KEY}"]`,
    };
    const registration = await explain(values.clientId ?? "", retired);
    expect(registration.value).toBe("client-id");
    expect(key(registration)?.message).toContain("opens client ids only");
    const session = await explain(values.accessToken ?? "", retired);
    expect(session.accepted).toBe(false);
    expect(key(session)?.message).toContain("opens client ids only");

    for (const value of Object.values(values)) {
      const lost = await explain(value, { [`${AUTH0}JWT_SIGNING_KEY`]: OTHER_KEY });
      expect(lost).toMatchObject({ accepted: false, reason: expect.stringContaining("does not have the key") });
      expect(lost.reason).toContain(`${AUTH0}JWT_SIGNING_KEY_PREVIOUS`);
      expect(key(lost)).toMatchObject({ status: "failure" });
    }
  });

  it("says that the right key is not enough for another address, epoch or application", async () => {
    for (const changes of [{ FASTMCP_TOKEN_EPOCH: "2" }, { [`${AUTH0}BASE_URL`]: "http://127.0.0.1:2" }]) {
      const verdict = await explain(values.refreshToken ?? "", changes);
      expect(verdict.value).toBeUndefined();
      expect(verdict.reason).toContain("FASTMCP_TOKEN_EPOCH");
      expect(key(verdict)).toMatchObject({ status: "ok" });
    }
    expect((await explain(values.clientId ?? "", { FASTMCP_TOKEN_EPOCH: "2" })).value).toBe("client-id");
  });

  it("accepts the access token, and says of a changed one no more than before", async () => {
    const { accessToken = "" } = values;
    expect(await explain(accessToken)).toMatchObject({ accepted: true });
    const [header = "", ...rest] = accessToken.split(".");
    const damaged = [header, ...rest.slice(0, -1), "AAAAAAAAAAAAAAAAAAAAAA"].join(".");
    expect((await explain(damaged)).accepted).toBe(false);
  });

  it("takes a URL for a client id", async () => {
    expect((await explain("https://claude.ai/oauth/client")).reason).toContain("client id of a client");
  });
});
