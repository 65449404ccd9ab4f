import { describe, expect, it } from "vitest";
import { secret, text } from "./plain-fields.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { findUnknownVariables, variablesOf } from "./unknown-variables.ts";

const auth0 = {
  title: "Auth0",
  prefix: "FASTMCP_SERVER_AUTH_AUTH0_",
  fields: {
    clientId: text({ description: "The id", example: "x" }),
    clientSecret: secret({ description: "The secret", example: "x" }),
  },
};
const providers = [auth0, { title: "GitHub", prefix: "FASTMCP_SERVER_AUTH_GITHUB_" }, { title: "No variables" }];

const find = (variables: Record<string, string>, selected: typeof auth0 | undefined = auth0) =>
  findUnknownVariables(environmentOf(variables), { selected, providers });

describe("a FASTMCP_ variable that nothing reads", () => {
  it.each([
    ["FASTMCP_SERVER_AUTH_AUTH0_CLIENTID", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID"],
    ["fastmcp_server_auth_auth0_client_secert", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET"],
    ["FASTMCP_SERVER_AUTH_AUTH0__CLIENT_ID", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID"],
    ["FASTMCP_SERVER_AUTH_AUTHO_CLIENT_ID", "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID"],
    ["FASTMCP_PROT", "FASTMCP_PORT"],
    ["FASTMCP_SERVERAUTH", "FASTMCP_SERVER_AUTH"],
    ["FASTMCP_SERVER_PORT", "FASTMCP_PORT"],
    ["FASTMCP_STORAGE_URL_FIEL", "FASTMCP_STORAGE_URL_FILE"],
  ])("such as %s is a warning that names %s", (name, meant) => {
    expect(find({ [name]: "hunter22" })).toEqual([
      {
        meant,
        isSure: expect.any(Boolean),
        warning: { variable: name, message: expect.stringContaining(`Did you mean ${meant}?`) },
      },
    ]);
  });

  it("is a warning without a guess when nothing is near", () => {
    const [unknown] = find({ FASTMCP_WHATEVER: "hunter22" });
    expect(unknown?.meant).toBeUndefined();
    expect(unknown?.warning.message).toContain("Correct its name or remove it.");
    expect(JSON.stringify(unknown)).not.toContain("hunter22");
  });

  it("may be another provider's, which is no spelling mistake", () => {
    const [unknown] = find({ FASTMCP_SERVER_AUTH_GITHUB_CLIENT_ID: "x" });
    expect(unknown?.meant).toBeUndefined();
    expect(unknown?.warning.message).toBe(
      "belongs to GitHub, and the server uses Auth0: nothing reads it. Remove it, or change FASTMCP_SERVER_AUTH.",
    );
    const open = findUnknownVariables(environmentOf({ FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "x" }), {
      selected: undefined,
      providers,
    });
    expect(open[0]?.warning.message).toContain("belongs to Auth0, and the server does not use it");
  });
});

describe("a variable that hid tools", () => {
  it.each(["FASTMCP_INCLUDE_TAGS", "fastmcp_exclude_tags"])("is a warning: %s", (name) => {
    expect(find({ [name]: '["internal"]' })[0]?.warning.message).toContain("shows everything that is registered");
  });

  it.each(["", "[]", "null"])("hid nothing when it is %j", (value) => {
    expect(find({ FASTMCP_INCLUDE_TAGS: value, FASTMCP_EXCLUDE_TAGS: value })).toEqual([]);
  });
});

describe("no warning is given", () => {
  it.each([
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
    "fastmcp_server_auth_auth0_client_secret_file",
    "FASTMCP_SERVER_AUTH",
    "FASTMCP_ENV_FILE",
    "FASTMCP_PORT",
    "FASTMCP_STORAGE_URL_FILE",
    "FASTMCP_JSON_RESPONSE",
    "FASTMCP_STATELESS_HTTP",
    "FASTMCP_HOME",
    "FASTMCP_DEBUG",
    "FASTMCP_SSE_PATH",
    "FASTMCP_MESSAGE_PATH",
    "FASTMCP_DOCKET__URL",
    "FASTMCPX",
    "AUTH0_CLIENT_ID",
    "PATH",
  ])("of %s", (name) => expect(find({ [name]: "x" })).toEqual([]));
});

it("lists a secret's variable and the one for a file", () => {
  expect(variablesOf(auth0.prefix, auth0.fields)).toEqual([
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID",
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET",
    "FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET_FILE",
  ]);
});
