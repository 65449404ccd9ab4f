import type { Environment } from "../env/environment.ts";
import { type HostingPlatform, hostingPlatform, platformPort } from "../env/hosting-platform.ts";
import { SERVER_PREFIX, type ServerSettings } from "../env/server-settings.ts";
import type { ConfigProblem } from "../errors.ts";
import { isLoopback } from "../lib/url.ts";

type Address = Pick<ServerSettings, "host" | "port">;

/**
 * Warns about a server on a hosting platform that the platform probably doesn't reach.
 *
 * @param settled names of settings, such as `PORT`, that the environment can't change here
 */
export function platformWarnings(
  environment: Environment,
  address: Address,
  settled: ReadonlySet<string>,
): readonly ConfigProblem[] {
  const platform = hostingPlatform(environment);
  if (platform === undefined) {
    return [];
  }
  return [
    ...(settled.has("PORT") ? [] : portWarnings(environment, address, platform)),
    ...(settled.has("HOST") ? [] : hostWarnings(environment, address, platform)),
  ];
}

function portWarnings(environment: Environment, { port }: Address, { title }: HostingPlatform): ConfigProblem[] {
  const variable = `${SERVER_PREFIX}PORT`;
  const told = platformPort(environment);
  if (told === undefined || told === port) {
    return [];
  }
  const message = `is ${port}, and ${title} sends requests to port ${told} (PORT). Remove ${variable}, unless ${title} is set to send them to port ${port}.`;
  return [{ variable, message }];
}

function hostWarnings(environment: Environment, { host }: Address, { title }: HostingPlatform): ConfigProblem[] {
  if (!isLoopback(host) && host !== "::1") {
    return [];
  }
  const variable = `${SERVER_PREFIX}HOST`;
  if (environment.get(variable) === undefined) {
    const message = `is not set, and nothing protects this server, so it listens on ${host}, where ${title} does not reach it. Set FASTMCP_SERVER_AUTH to a provider, and don't set NODE_ENV to development. For a server that is open to everyone, set ${variable}=0.0.0.0.`;
    return [{ variable, message }];
  }
  const message = `is ${host}, where ${title} does not reach the server. Remove it, unless another program in the same container forwards requests to it.`;
  return [{ variable, message }];
}
