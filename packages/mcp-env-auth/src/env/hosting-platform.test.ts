import { describe, expect, it } from "vitest";
import { hostingPlatform, platformPort, withPlatform } from "./hosting-platform.ts";
import { readFields } from "./read-fields.ts";
import { SERVER_PREFIX, serverFields } from "./server-settings.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { describeOrigin } from "./variable-origin.ts";

type Variables = Readonly<Record<string, string>>;

/** Where a server with these variables listens. */
function addressOf(processEnv: Variables, file?: Variables, isOpen?: boolean): string {
  const environment = withPlatform(environmentOf(processEnv, file), isOpen);
  const { host, port } = readFields(serverFields, SERVER_PREFIX, environment).values;
  return `${host}:${port}`;
}

const RENDER = { RENDER: "true", PORT: "10000" };

describe("on a hosting platform", () => {
  it.each([
    ["Cloud Run", "K_SERVICE", "weather"],
    ["App Engine", "GAE_SERVICE", "default"],
    ["Render", "RENDER", "true"],
    ["Railway", "RAILWAY_ENVIRONMENT", "production"],
    ["Railway", "RAILWAY_ENVIRONMENT_NAME", "production"],
    ["Heroku", "DYNO", "web.1"],
    ["Azure App Service", "WEBSITE_SITE_NAME", "weather"],
    ["Azure Container Apps", "CONTAINER_APP_NAME", "weather"],
    ["Fly.io", "FLY_APP_NAME", "weather"],
    ["Koyeb", "KOYEB_APP_NAME", "weather"],
    ["Cloud Foundry", "VCAP_APPLICATION", "{}"],
  ])("%s, PORT counts and the server listens on all interfaces, by %s", (title, marker, value) => {
    const variables = { [marker]: value, PORT: "9090" };
    expect(hostingPlatform(environmentOf(variables))).toMatchObject({ title, marker });
    expect(addressOf(variables)).toBe("0.0.0.0:9090");
  });

  it("the port stays the default where the platform sets none", () => {
    expect(addressOf({ FLY_APP_NAME: "weather" })).toBe("0.0.0.0:8000");
  });

  it("FASTMCP_PORT and FASTMCP_HOST win, each for itself, wherever they are set", () => {
    expect(addressOf({ ...RENDER, FASTMCP_PORT: "8000" })).toBe("0.0.0.0:8000");
    expect(addressOf({ ...RENDER, FASTMCP_HOST: "127.0.0.1" })).toBe("127.0.0.1:10000");
    expect(addressOf(RENDER, { FASTMCP_PORT: "8000", FASTMCP_HOST: "::" })).toBe(":::8000");
  });

  it("says why in the lines of the start", () => {
    const { origins } = readFields(serverFields, SERVER_PREFIX, withPlatform(environmentOf(RENDER)));
    const lines = origins.map(describeOrigin);
    expect(lines).toContain("FASTMCP_PORT=10000 (PORT, as on Render)");
    expect(lines).toContain("FASTMCP_HOST=0.0.0.0 (as on Render)");
  });

  it.each(["", "0", "65536", "8000x", "-1", "\\\\.\\pipe\\4d1d", "tcp://10.0.0.1:80"])("%j is no port", (port) => {
    expect(platformPort(environmentOf({ ...RENDER, PORT: port }))).toBeUndefined();
    expect(addressOf({ ...RENDER, PORT: port })).toBe("0.0.0.0:8000");
  });
});

describe("elsewhere", () => {
  it.each([
    ["no platform", { PORT: "9090" }],
    ["an empty marker", { DYNO: "", PORT: "9090" }],
    ["a variable that only has the name", { RENDER: "gpu", PORT: "9090" }],
    ["Kubernetes", { KUBERNETES_SERVICE_HOST: "10.0.0.1", PORT: "9090" }],
  ])("PORT does not count: %s", (_case, variables) => {
    expect(addressOf(variables)).toBe("127.0.0.1:8000");
  });

  it("an env file makes no platform, and its PORT is nobody's", () => {
    expect(addressOf({}, { DYNO: "web.1", PORT: "9090" })).toBe("127.0.0.1:8000");
    expect(addressOf({ DYNO: "web.1" }, { PORT: "9090" })).toBe("0.0.0.0:8000");
  });
});

describe("Security rule 15: a platform puts no open server on the network", () => {
  it.each([
    ["FASTMCP_SERVER_AUTH=none", { FASTMCP_SERVER_AUTH: " none\n" }, undefined],
    ["auth: null in code", {}, true],
    ["NODE_ENV=development, with which providers may accept any token", { NODE_ENV: "development" }, false],
  ])("%s", (_case, variables, isOpen) => {
    expect(addressOf({ ...RENDER, ...variables }, {}, isOpen)).toBe("127.0.0.1:10000");
    expect(addressOf({ ...RENDER, ...variables, FASTMCP_HOST: "0.0.0.0" }, {}, isOpen)).toBe("0.0.0.0:10000");
  });
});
