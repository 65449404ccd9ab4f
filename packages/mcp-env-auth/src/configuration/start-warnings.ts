import { findUnprefixed } from "../env/common-names.ts";
import { SERVER_PREFIX, type ServerSettings } from "../env/server-settings.ts";
import type { ConfigProblem } from "../errors.ts";
import { isLoopback } from "../lib/url.ts";
import { checkTelemetry, loadPrometheusClient, missingPrometheusClient } from "../telemetry/check-telemetry.ts";
import { variablesFor } from "../telemetry/otlp-settings.ts";
import type { Configuration } from "./load-configuration.ts";
import { platformWarnings } from "./platform-warnings.ts";

/** In capitals, so that nobody who reads the log overlooks it. */
export const OPEN_SERVER =
  "THIS SERVER IS OPEN: everyone who can reach it can use it, without logging in. Set FASTMCP_SERVER_AUTH to a provider to protect it.";

/** Settings that code decides, so that the environment does not count. */
export interface SettledInCode {
  /** Whether the server opens a port itself: an app of the program's own may have its own settings for that. */
  readonly listens: boolean;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
}

/**
 * All that the configuration alone makes a start warn about. The start logs exactly these, and `doctor` reports them: a
 * warning that is added here is in both.
 */
export function configurationWarnings(
  {
    warnings,
    provider,
    environment,
    settings,
  }: Pick<Configuration, "warnings" | "provider" | "environment" | "settings">,
  transport: ServerSettings["transport"],
  settled: SettledInCode,
): readonly ConfigProblem[] {
  const open = provider === "none" && transport === "http" ? [{ message: OPEN_SERVER }] : [];
  const unkept = provider === "none" ? quotasWithoutCallers(settings, transport) : [];
  const names = settledNames(transport, settled);
  return [
    ...warnings,
    ...findUnprefixed(environment, names),
    ...platformWarnings(environment, settings, names),
    ...open,
    ...unkept,
    ...plainIdentity(settings),
  ];
}

/** Who can read or change what the gateway sends can be every user. */
function plainIdentity({ upstreamIdentity, upstreamUrl }: ServerSettings): readonly ConfigProblem[] {
  const isSafe = upstreamUrl === undefined || upstreamUrl.protocol === "https:" || isLoopback(upstreamUrl.hostname);
  if (upstreamIdentity !== "headers" || isSafe) {
    return [];
  }
  const message = `is headers, and ${upstreamUrl.host} is reached by http: everybody in that network can name any user. Use https, keep the server on this machine, or set it to jwt.`;
  return [{ variable: `${SERVER_PREFIX}UPSTREAM_IDENTITY`, message }];
}

/** Of a policy file, they stop the start. */
function quotasWithoutCallers(
  { quotaPerUser, quotaPerClient }: ServerSettings,
  transport: ServerSettings["transport"],
): readonly ConfigProblem[] {
  const where = transport === "stdio" ? "requests over stdio carry no token" : "this server is open";
  const message = `limits nothing: ${where}, so no user or client is known. Remove it, or serve over HTTP with FASTMCP_SERVER_AUTH set to a provider.`;
  return [
    ...(quotaPerUser > 0 ? [{ variable: `${SERVER_PREFIX}QUOTA_PER_USER`, message }] : []),
    ...(quotaPerClient > 0 ? [{ variable: `${SERVER_PREFIX}QUOTA_PER_CLIENT`, message }] : []),
  ];
}

function settledNames(
  transport: ServerSettings["transport"],
  { listens, host, port, path }: SettledInCode,
): ReadonlySet<string> {
  const serves = listens && transport === "http";
  return new Set([
    ...(serves && port === undefined ? [] : ["PORT"]),
    ...(serves && host === undefined ? [] : ["HOST"]),
    ...(path === undefined ? [] : ["STREAMABLE_HTTP_PATH"]),
  ]);
}

/** Warnings of a start about telemetry. Loads OpenTelemetry if the start would. */
export async function telemetryWarnings({
  environment,
  settings,
}: Pick<Configuration, "environment" | "settings">): Promise<readonly ConfigProblem[]> {
  const { warnings } = await checkTelemetry(variablesFor(environment));
  const isMissing = settings.metricsPort !== undefined && (await loadPrometheusClient()) === undefined;
  return isMissing ? [...warnings, missingPrometheusClient()] : warnings;
}

export interface ServedAddress {
  /** The public URL of the MCP endpoint. */
  readonly url: string;
  /** Where the server listens; `undefined` if that is known to be right. */
  readonly port: number | undefined;
  readonly mcpPath: string;
  /** FASTMCP_TRUST_PROXY. */
  readonly trustProxy: number;
  /** FASTMCP_RATE_LIMIT. */
  readonly rateLimit: number;
}

/** Warns about a public address that is probably wrong. */
export function addressWarnings(address: ServedAddress): readonly ConfigProblem[] {
  const { url, port, mcpPath, trustProxy, rateLimit } = address;
  const { hostname, port: announced, pathname, protocol } = new URL(url);
  const told = Number(announced || (protocol === "https:" ? 443 : 80));
  const otherPort = {
    message: `BASE_URL has port ${told}, and the server listens on port ${port}. Unless something forwards port ${told}, set BASE_URL or FASTMCP_PORT so that both are the same.`,
  };
  const pathTwice = {
    message: `BASE_URL ends in ${mcpPath}, which is added to it. Leave it out, unless the address of the MCP endpoint is meant to end in it twice.`,
  };
  // The server itself speaks http, so something in front of it speaks https.
  const oneAddress = {
    variable: `${SERVER_PREFIX}TRUST_PROXY`,
    message: `is 0, and BASE_URL is https, so a reverse proxy is in front: all clients share its address, and one can use up the rate limit of all. Set ${SERVER_PREFIX}TRUST_PROXY to the number of proxies in front, such as 1.`,
  };
  return [
    ...(protocol === "https:" && trustProxy === 0 && rateLimit > 0 ? [oneAddress] : []),
    ...(isLoopback(hostname) && port !== undefined && told !== port ? [otherPort] : []),
    ...(pathname.endsWith(`${mcpPath}${mcpPath}`) ? [pathTwice] : []),
  ];
}
