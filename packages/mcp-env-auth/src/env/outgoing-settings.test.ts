import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readOutgoing } from "./outgoing-settings.ts";
import { standardOrigins, standardSecrets } from "./standard-variables.ts";
import { environmentOf } from "./testing/environment-of.ts";

const folder = mkdtempSync(join(tmpdir(), "outgoing-"));
const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
writeFileSync(join(folder, "ca.pem"), pem);
writeFileSync(join(folder, "empty.pem"), "");

describe("how requests leave this machine", () => {
  it("is straight when nothing, or nothing but empty values, is set", () => {
    for (const env of [{}, { HTTPS_PROXY: "", HTTP_PROXY: " ", NODE_EXTRA_CA_CERTS: "" }]) {
      const { settings, problems, warnings } = readOutgoing(environmentOf(env));
      expect(settings).toEqual({ httpsProxy: undefined, httpProxy: undefined, noProxy: "", certificates: undefined });
      expect([...problems, ...warnings]).toEqual([]);
    }
  });

  it("is by the proxy of the process or of the file, in upper or lower case, with or without a scheme", () => {
    const settings = (env: Record<string, string>, file?: Record<string, string>) =>
      readOutgoing(environmentOf(env, file)).settings.httpsProxy?.href;
    expect(settings({ HTTPS_PROXY: "http://proxy.test:3128" })).toBe("http://proxy.test:3128/");
    expect(settings({ https_proxy: "user:secret@proxy.test:3128" })).toBe("http://user:secret@proxy.test:3128/");
    expect(settings({}, { https_proxy: "https://proxy.test" })).toBe("https://proxy.test/");
    expect(settings({ HTTP_PROXY: "http://proxy.test:3128" })).toBeUndefined();
  });

  it.each(["\r", "\t", "\u00a0", "\ufeff", "\u200b", "\u2060", "\u200e"])(
    "counts without %j at the ends, with a warning",
    (end) => {
      const env = {
        HTTPS_PROXY: "http://u:pass@proxy.test:3128",
        NO_PROXY: "a.test",
        NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
      };
      const odd = environmentOf(Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value + end])));
      const { settings, problems, warnings } = readOutgoing(odd);
      expect(problems).toEqual([]);
      expect(settings).toMatchObject({ noProxy: "a.test", certificates: pem });
      expect(settings.httpsProxy?.href).toBe("http://u:pass@proxy.test:3128/");
      expect(warnings.map(({ variable }) => variable)).toEqual(Object.keys(env));
      expect(standardSecrets(odd)).toContain("pass");
      expect(JSON.stringify(standardOrigins(odd))).not.toContain("pass");
    },
  );

  it.each(["socks5://proxy.test", "socks5://user:secret@proxy.test", "http://a b"])(
    "Security rule 11: refuses %s without repeating it",
    (value) => {
      const { problems } = readOutgoing(environmentOf({ HTTPS_PROXY: value }));
      expect(problems).toEqual([{ variable: "HTTPS_PROXY", message: expect.stringContaining("http://host:port") }]);
      expect(problems[0]?.message).not.toContain(value);
    },
  );

  it.each(["http://user:50%off-secret@proxy.test", "50%off-secret@proxy.test"])(
    "Security rule 11: says how to write the password in %s, without repeating it",
    (value) => {
      const { problems, settings } = readOutgoing(environmentOf({ HTTPS_PROXY: value }));
      expect(problems).toEqual([{ variable: "HTTPS_PROXY", message: expect.stringContaining("%25") }]);
      expect(problems[0]?.message).not.toContain("off-secret");
      expect(settings.httpsProxy).toBeUndefined();
    },
  );

  it("takes the certificates that Node.js has not read by itself", () => {
    const read = (env: Record<string, string>, file?: Record<string, string>) =>
      readOutgoing(environmentOf(env, file, folder)).settings.certificates;
    expect(read({}, { NODE_EXTRA_CA_CERTS: "ca.pem" })).toBe(pem);
    expect(read({ NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") })).toBe(pem);
  });

  it.each([
    ["missing.pem", /can't be read \(ENOENT\)/],
    ["empty.pem", /without a certificate/],
  ])("warns of %s", (name, message) => {
    const { settings, warnings } = readOutgoing(environmentOf({ NODE_EXTRA_CA_CERTS: name }, undefined, folder));
    expect(settings.certificates).toBeUndefined();
    expect(warnings).toEqual([{ variable: "NODE_EXTRA_CA_CERTS", message: expect.stringMatching(message) }]);
  });
});
