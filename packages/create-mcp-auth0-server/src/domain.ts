import { editDistance } from "./nearest.ts";
import { accept, hasControlCharacter, isLoopback, type Parsed, refuse } from "./parsed.ts";

/** Where an identity provider lives. */
export interface Auth0Domain {
  /** Host name in lower case, such as `my-tenant.us.auth0.com`, with a port on loopback only. */
  readonly host: string;
  /** The discovery document (OpenID Connect Discovery 1.0 section 4). */
  readonly configUrl: string;
}

const DISCOVERY_PATH = "/.well-known/openid-configuration";
const WHERE = "Copy it from the Auth0 dashboard: Applications > your application > Settings > Domain.";
const EXAMPLE = "such as my-tenant.us.auth0.com";
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** How many slips in `auth0.com` are still told. */
const MAX_EDITS = 2;
const NOT_TENANTS = new Set(["auth0.com", "www.auth0.com", "login.auth0.com", "auth.auth0.com", "accounts.auth0.com"]);

/**
 * Reads an Auth0 domain as people paste it: bare, as a URL with a path, in upper case, a custom domain. A slip in
 * `.auth0.com` is refused rather than guessed at, since secrets will be sent there.
 */
export function parseDomain(input: string): Parsed<Auth0Domain> {
  const text = input.trim();
  if (text === "") {
    return refuse(`Give your Auth0 domain, ${EXAMPLE}. ${WHERE}`);
  }
  if (hasControlCharacter(text) || /\s/.test(text)) {
    return refuse("A domain has no spaces or line breaks in it.");
  }
  const url = readUrl(text);
  if (url === undefined) {
    return refuse(`"${text}" is not a domain, ${EXAMPLE}. ${WHERE}`);
  }
  if (url.username !== "" || url.password !== "") {
    return refuse("A domain has no user name or password in it.");
  }

  const host = url.hostname.replace(/\.$/, "");
  if (isLoopback(host)) {
    return accept({ host: url.host, configUrl: `${url.origin}${DISCOVERY_PATH}` });
  }
  if (url.protocol !== "https:") {
    return refuse(`Use https: client secrets are sent to ${host}.`);
  }
  if (url.port !== "") {
    return refuse(`An Auth0 domain has no port: did you mean ${host}?`);
  }

  const problem = dashboardAddress(url) ?? notAHostName(host) ?? slipInAuth0(host);
  return problem === undefined ? accept({ host, configUrl: `https://${host}${DISCOVERY_PATH}` }) : refuse(problem);
}

function readUrl(text: string): URL | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text.replace(/^\/\//, "")}`;
  if (!URL.canParse(address)) {
    return undefined;
  }
  const url = new URL(address);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}

/** `https://manage.auth0.com/dashboard/us/my-tenant/…` names the tenant, but not with certainty. */
function dashboardAddress(url: URL): string | undefined {
  if (url.hostname !== "manage.auth0.com") {
    return undefined;
  }
  const [, region, tenant] = /^\/dashboard\/([a-z0-9-]+)\/([a-z0-9-]+)/.exec(url.pathname) ?? [];
  const guess = region === undefined ? "" : ` It is probably ${tenant}.${region}.auth0.com.`;
  return `That is the address of the dashboard, not of your tenant.${guess} ${WHERE}`;
}

function notAHostName(host: string): string | undefined {
  if (/^[0-9.]+$/.test(host) || host.includes(":")) {
    return `"${host}" is an address, not a domain, ${EXAMPLE}.`;
  }
  const labels = host.split(".");
  if (labels.length === 1) {
    const tenant = host.replace(/auth0(com)?$/, "") || "my-tenant";
    return `"${host}" is only a name. The whole domain looks like ${tenant}.us.auth0.com. ${WHERE}`;
  }
  return labels.every((label) => LABEL.test(label)) ? undefined : `"${host}" is not a domain, ${EXAMPLE}. ${WHERE}`;
}

function slipInAuth0(host: string): string | undefined {
  if (NOT_TENANTS.has(host)) {
    return `${host} is Auth0's own site, not a tenant, ${EXAMPLE}. ${WHERE}`;
  }
  if (host.endsWith(".auth0.com")) {
    return undefined;
  }
  if (`.${host}`.includes(".auth0.com.")) {
    return `${host} belongs to ${host.split(".").slice(-2).join(".")}, not to Auth0. ${WHERE}`;
  }
  const tenant = tenantBeforeSlip(host);
  if (tenant === undefined) {
    return undefined;
  }
  return `"${host}" does not end in .auth0.com: did you mean ${tenant === "" ? "my-tenant" : tenant}.auth0.com?`;
}

/** What stands before a misspelt `auth0.com`; `undefined` for a host that resembles it in nothing. */
function tenantBeforeSlip(host: string): string | undefined {
  const cutShort = /^(.*?)[.-]?(auth0|auth0com|auth0\.[a-z]{2,})$/.exec(host);
  if (cutShort !== null) {
    return cutShort[1];
  }
  const labels = host.split(".");
  const [name = "", suffix = ""] = labels.slice(-2);
  const edits = editDistance(name, "auth0", MAX_EDITS + 1);
  return edits <= 1 && edits + editDistance(suffix, "com", MAX_EDITS + 1) <= MAX_EDITS
    ? labels.slice(0, -2).join(".")
    : undefined;
}
