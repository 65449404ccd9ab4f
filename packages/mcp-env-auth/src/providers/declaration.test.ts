import { describe, expect, expectTypeOf, it } from "vitest";
import { scopes } from "../env/list-fields.ts";
import { integer, secret, text } from "../env/plain-fields.ts";
import { environmentOf } from "../env/testing/environment-of.ts";
import { httpUrl } from "../env/url-fields.ts";
import { ConfigError } from "../errors.ts";
import type { AuthProvider, AuthProviderContext } from "./auth-provider.ts";
import { defineProvider, secretsOf } from "./declaration.ts";

const created: unknown[] = [];

const AcmeProvider = defineProvider({
  classPath: "acme.auth.AcmeProvider",
  aliases: ["ACME"],
  prefix: "FASTMCP_SERVER_AUTH_ACME_",
  title: "Acme",
  fields: {
    configUrl: httpUrl({ description: "The document", example: "https://acme.example/x", required: true }),
    clientSecret: secret({ description: "The secret", example: "a long string" }),
    audience: text({ description: "The audience", example: "https://api" }),
    requiredScopes: scopes({ description: "The scopes", example: "openid", default: ["openid"] }),
    timeoutSeconds: integer({ description: "The patience", example: "10", default: 10 }),
  },
  check: ({ audience }, { nameOf, isGiven, missing }) => {
    if (!isGiven("clientSecret")) {
      return [missing("clientSecret", "It always is.")];
    }
    return audience === "wrong" ? [{ variable: nameOf("audience"), message: "is wrong." }] : [];
  },
  create(settings, { nameOf }) {
    created.push(settings);
    return {
      baseUrl: new URL("https://mcp.example.com"),
      authenticate: ({ mcpPath }) => ({ resource: `${nameOf("configUrl")} ${mcpPath}` }) as never,
    };
  },
});

const environment = environmentOf({
  FASTMCP_SERVER_AUTH_ACME_CONFIG_URL: "https://t.example",
  FASTMCP_SERVER_AUTH_ACME_CLIENT_SECRET: "hunter22hunter22",
});

function problemsOf(build: () => unknown) {
  try {
    build();
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

describe("a declared provider", () => {
  it("is the same from its variables as from options in code", () => {
    created.length = 0;
    const { provider, problems, secrets } = AcmeProvider.fromEnvironment(environment);
    new AcmeProvider({ configUrl: "https://t.example", clientSecret: "hunter22hunter22" });
    expect(problems).toEqual([]);
    expect(provider?.baseUrl?.href).toBe("https://mcp.example.com/");
    expect(secrets).toEqual(["hunter22hunter22"]);
    expect(created[0]).toEqual({
      configUrl: new URL("https://t.example/"),
      clientSecret: "hunter22hunter22",
      requiredScopes: ["openid"],
      timeoutSeconds: 10,
    });
    expect(created[1]).toEqual(created[0]);
  });

  it("knows how its settings are called where they come from", async () => {
    const context = { mcpPath: "/mcp" } as AuthProviderContext;
    const inCode = new AcmeProvider({ configUrl: "https://t.example", clientSecret: "hunter22hunter22" });
    expect((await inCode.authenticate(context)).resource).toBe("configUrl /mcp");
    expect((await AcmeProvider.fromEnvironment(environment).provider?.authenticate(context))?.resource).toBe(
      "FASTMCP_SERVER_AUTH_ACME_CONFIG_URL /mcp",
    );
  });

  it("does not look at the environment in code", () => {
    process.env.FASTMCP_SERVER_AUTH_ACME_CONFIG_URL = "https://t.example";
    const problems = problemsOf(() => new AcmeProvider({ clientSecret: "hunter22hunter22" } as never));
    delete process.env.FASTMCP_SERVER_AUTH_ACME_CONFIG_URL;
    expect(problems).toEqual([{ variable: "configUrl", message: expect.stringContaining("is required") }]);
  });

  it("reports every problem at once, named after its options in code", () => {
    const options = { configUrl: "t.example", requiredScopes: ["a b"], timeoutSeconds: "soon", audiance: "x" };
    expect(problemsOf(() => new AcmeProvider(options as never)).map(({ variable }) => variable)).toEqual([
      "configUrl",
      "requiredScopes",
      "timeoutSeconds",
      "audiance",
      "clientSecret",
    ]);
    expect(problemsOf(() => new AcmeProvider(options as never))[3]?.message).toBe(
      "is no option. Did you mean audience?",
    );
  });

  it("reports every problem at once, named after its variables in the environment", () => {
    const { provider, problems } = AcmeProvider.fromEnvironment(
      environmentOf({ FASTMCP_SERVER_AUTH_ACME_AUDIENCE: "a", FASTMCP_SERVER_AUTH_ACME_TIMEOUT_SECONDS: "soon" }),
    );
    expect(provider).toBeUndefined();
    expect(problems).toEqual([
      { variable: "FASTMCP_SERVER_AUTH_ACME_CONFIG_URL", message: expect.stringContaining("is required.") },
      { variable: "FASTMCP_SERVER_AUTH_ACME_TIMEOUT_SECONDS", message: expect.stringContaining("whole number") },
      {
        variable: "FASTMCP_SERVER_AUTH_ACME_CLIENT_SECRET",
        message: expect.stringContaining("is required. It always is."),
      },
    ]);
  });

  it("checks its settings together, under either name", () => {
    const options = { configUrl: "https://t.example", clientSecret: "hunter22hunter22", audience: "wrong" };
    expect(problemsOf(() => new AcmeProvider(options))).toEqual([{ variable: "audience", message: "is wrong." }]);
  });

  it("takes an option that is undefined or empty for one that is left out", () => {
    created.length = 0;
    new AcmeProvider({
      configUrl: new URL("https://t.example"),
      clientSecret: "hunter22hunter22",
      audience: "",
      requiredScopes: [],
      timeoutSeconds: undefined,
    });
    expect(created[0]).toMatchObject({ timeoutSeconds: 10, requiredScopes: [] });
    expect(created[0]).not.toHaveProperty("audience");
  });

  it("remembers the secrets that it was given in code, for the log", () => {
    const provider = new AcmeProvider({ configUrl: "https://t.example", clientSecret: "hunter22hunter22" });
    expect(secretsOf(provider)).toEqual(["hunter22hunter22"]);
    expect(JSON.stringify(provider)).not.toContain("hunter22");
  });

  it("is a class of its own name", () => {
    expect(AcmeProvider.name).toBe("AcmeProvider");
    expect(AcmeProvider.declaration.prefix).toBe("FASTMCP_SERVER_AUTH_ACME_");
  });

  it("has options whose types come from its fields", () => {
    type Options = ConstructorParameters<typeof AcmeProvider>[0];
    expectTypeOf<Options>().toEqualTypeOf<{
      readonly configUrl: string | URL;
      readonly clientSecret?: string | undefined;
      readonly audience?: string | undefined;
      readonly requiredScopes?: string | readonly string[] | undefined;
      readonly timeoutSeconds?: number | undefined;
      readonly rolesClaim?: string | undefined;
    }>();
    expectTypeOf<InstanceType<typeof AcmeProvider>>().toEqualTypeOf<AuthProvider>();
  });
});
