import { describe, expect, it } from "vitest";
import { environmentOf } from "../../env/testing/environment-of.ts";
import { OIDCProxy } from "../oidc.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_OIDC_";
const VARIABLE = `${PREFIX}ASSERTION_PUBLIC_CLIENTS`;

function problemWith(hosts: string, issuers = '["https://acme.okta.com"]'): string | undefined {
  const variables = { [VARIABLE]: hosts, [`${PREFIX}TRUSTED_ASSERTION_ISSUERS`]: issuers };
  const { problems } = OIDCProxy.fromEnvironment(environmentOf(variables));
  return problems.find(({ variable }) => variable === VARIABLE)?.message;
}

describe("ASSERTION_PUBLIC_CLIENTS", () => {
  it.each(['["claude.ai"]', "claude.ai", "Claude.ai,chatgpt.com", "[]"])("takes %s", (hosts) => {
    expect(problemWith(hosts)).toBeUndefined();
  });

  it.each(["*", "*.example.com", "https://claude.ai", "claude.ai/x", "claude.ai:8443", "localhost"])(
    "takes hosts one by one: not %s",
    (host) => {
      expect(problemWith(JSON.stringify([host]))).toContain("is not one host");
    },
  );

  it("needs enterprises that are trusted", () => {
    expect(problemWith('["claude.ai"]', "[]")).toContain("TRUSTED_ASSERTION_ISSUERS");
  });
});
