import type { Environment, EnvironmentVariable } from "./environment.ts";
import { SERVER_AUTH, SERVER_PREFIX } from "./server-settings.ts";
import { withoutInvisibleEnds } from "./value-ends.ts";

/** A hosting platform, by a variable that it sets in every process. */
export interface HostingPlatform {
  readonly title: string;
  /** The variable that tells it from other places. */
  readonly marker: string;
}

/** `value`: the only one that counts, where the name alone could be anybody's. */
const PLATFORMS: readonly (HostingPlatform & { readonly value?: string })[] = [
  { title: "Cloud Run", marker: "K_SERVICE" },
  { title: "App Engine", marker: "GAE_SERVICE" },
  { title: "Render", marker: "RENDER", value: "true" },
  { title: "Railway", marker: "RAILWAY_ENVIRONMENT" },
  { title: "Railway", marker: "RAILWAY_ENVIRONMENT_NAME" },
  { title: "Heroku", marker: "DYNO" },
  { title: "Azure App Service", marker: "WEBSITE_SITE_NAME" },
  { title: "Azure Container Apps", marker: "CONTAINER_APP_NAME" },
  { title: "Fly.io", marker: "FLY_APP_NAME" },
  { title: "Koyeb", marker: "KOYEB_APP_NAME" },
  { title: "Cloud Foundry", marker: "VCAP_APPLICATION" },
];

const PORT = "PORT";
const OWN_PORT = `${SERVER_PREFIX}PORT`;
const OWN_HOST = `${SERVER_PREFIX}HOST`;

/** The address that a platform's router reaches. */
const ALL_INTERFACES = "0.0.0.0";

/** The platform that this process runs on. An env file says nothing about that: no platform writes one. */
export function hostingPlatform(environment: Environment): HostingPlatform | undefined {
  return PLATFORMS.find(({ marker, value }) => {
    const set = ofProcess(environment, marker);
    return set !== undefined && (value === undefined ? set !== "" : set === value);
  });
}

/** The port that a platform names by `PORT`; `undefined` if it is not a port number. */
export function platformPort(environment: Environment): number | undefined {
  const text = ofProcess(environment, PORT)?.trim() ?? "";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/**
 * Adds what a platform says about where to listen: `PORT` counts as FASTMCP_PORT, and FASTMCP_HOST is 0.0.0.0. What is
 * set under these names wins. Elsewhere the environment stays as it is.
 *
 * @param isOpen whether nothing protects the server. Only FASTMCP_HOST puts such a server on the network, or one that
 * runs with NODE_ENV=development, where providers may accept any token.
 */
export function withPlatform(environment: Environment, isOpen = saysNone(environment)): Environment {
  const platform = hostingPlatform(environment);
  if (platform === undefined) {
    return environment;
  }
  const port = platformPort(environment);
  const said = new Map<string, EnvironmentVariable>();
  const say = (name: string, value: string, because: string) => {
    if (environment.get(name) === undefined) {
      said.set(name, { name, value, source: { kind: "platform", because } });
    }
  };
  if (port !== undefined) {
    say(OWN_PORT, String(port), `${PORT}, as on ${platform.title}`);
  }
  if (!isOpen && ofProcess(environment, "NODE_ENV") !== "development") {
    say(OWN_HOST, ALL_INTERFACES, `as on ${platform.title}`);
  }
  return {
    cwd: environment.cwd,
    get: (name) => said.get(name.toUpperCase()) ?? environment.get(name),
    *variables() {
      yield* environment.variables();
      yield* said.values();
    },
  };
}

function saysNone(environment: Environment): boolean {
  return withoutInvisibleEnds(environment.get(SERVER_AUTH)?.value ?? "").trim() === "none";
}

function ofProcess(environment: Environment, name: string): string | undefined {
  const set = environment.get(name);
  return set?.source.kind === "process" ? set.value : undefined;
}
