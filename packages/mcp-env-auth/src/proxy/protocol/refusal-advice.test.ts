import { describe, expect, it } from "vitest";
import { VARIABLES } from "../testing/proxy-server.ts";
import { type AdviceOptions, type Refusal, refusalAdvice } from "./refusal-advice.ts";

const OPTIONS: AdviceOptions = {
  variables: { ...VARIABLES, address: "X_CONFIG_URL", offlineAccess: "X_OFFLINE_ACCESS" },
  advice: { missingScopes: "At X, add them.", refusedLogin: "At X: Grant Types." },
  baseUrl: "https://mcp.example.com",
  redirectPath: "/auth/callback",
};

const GENERAL = "The provider gives no other reason";

describe("what the operator is told to change after a refusal", () => {
  const table: [string, Refusal, string][] = [
    ["a scope by its code", { code: "invalid_scope" }, VARIABLES.requiredScopes],
    ["offline_access", { code: "invalid_scope", description: "offline_access not allowed" }, "X_OFFLINE_ACCESS"],
    ["a scope by the words", { code: "invalid_request", description: "Invalid scopes: a b" }, "At X, add them."],
    ["an API", { code: "invalid_target" }, VARIABLES.audience],
    ["an API by the words", { code: "access_denied", description: "Service not found: https://x" }, VARIABLES.audience],
    ["a resource", { code: "invalid_request", description: "unknown resource" }, VARIABLES.audience],
    ["a grant", { code: "unauthorized_client" }, "At X: Grant Types."],
    ["a grant of the token endpoint", { code: "unsupported_grant_type" }, "refresh token grants"],
    ["the callback URL", { code: "redirect_uri_mismatch" }, "https://mcp.example.com/auth/callback"],
    [
      "the callback URL by the words",
      { code: "invalid_request", description: "Invalid redirect_uri" },
      VARIABLES.baseUrl,
    ],
    ["PKCE", { code: "invalid_request", description: "code_challenge is not supported" }, "PKCE"],
    ["an organization", { code: "invalid_request", description: "parameter organization is required" }, "organization"],
    ["its own failure", { code: "server_error" }, "The provider itself failed"],
    ["the user alone", { code: "access_denied", description: "The resource owner denied it" }, "If nobody can log in"],
    ["nothing", { code: "made_up" }, GENERAL],
    ["nothing at all", {}, GENERAL],
    ["an answer of something else", { about: "answer" }, "X_CONFIG_URL"],
    [
      "no id token",
      { about: "id-token", description: '"response" body "id_token" property must be a string' },
      "openid",
    ],
    ["another issuer", { about: "id-token", description: 'unexpected JWT "iss" (issuer) claim value' }, "X_CONFIG_URL"],
    [
      "another application",
      { about: "id-token", description: 'unexpected JWT "aud" (audience) claim value' },
      VARIABLES.clientId,
    ],
    ["a clock", { about: "id-token", description: 'unexpected JWT "exp" (expiration time) claim value' }, "clocks"],
    ["a nonce", { about: "id-token", description: 'JWT "nonce" (nonce) claim missing' }, "nonce"],
    ["an algorithm", { about: "id-token", description: 'unexpected JWT "alg" header parameter' }, "sign"],
    ["an encrypted id token", { about: "id-token", description: "JWE decryption is not configured" }, "encryption"],
  ];
  it.each(table)("names %s", (_what, refusal, expected) => {
    const advice = refusalAdvice(refusal, OPTIONS);
    expect(advice).toContain(expected);
    if (expected !== GENERAL) {
      expect(advice).not.toContain(GENERAL);
    }
  });

  it.each([
    [{ targets: ["X_AUDIENCE"] }, "Compare X_AUDIENCE with"],
    [{ targets: ["X_AUDIENCE", "X_RESOURCE"] }, "Compare X_AUDIENCE and X_RESOURCE with"],
    [{ targets: ["X_AUDIENCE"], unusedResource: "X_RESOURCE" }, "set X_RESOURCE to that identifier"],
    [{ targets: [] }, `Compare ${VARIABLES.audience} with`],
    [{ targets: [], audience: undefined }, "Register this server's API"],
  ])("names what tells the provider the API: %o", (variables, expected) => {
    const options = { ...OPTIONS, variables: { ...OPTIONS.variables, ...variables } };
    for (const code of ["invalid_target", "invalid_resource"]) {
      const description = "The organization's redirect_uri has no such resource";
      expect(refusalAdvice({ code, description }, options)).toContain(expected);
    }
  });

  it("adds nothing where the message itself says what to check", () => {
    expect(refusalAdvice({ about: "look-up" }, OPTIONS)).toBe("");
  });

  it("names no variable that the provider does not have", () => {
    const { audience: _audience, ...variables } = VARIABLES;
    for (const refusal of table.map(([, refusal]) => refusal)) {
      expect(refusalAdvice(refusal, { ...OPTIONS, variables })).not.toContain("undefined");
    }
  });
});
