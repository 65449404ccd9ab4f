import { isLoopback } from "../../../lib/url.ts";
import { failure, type Observation, ok, warning } from "../finding.ts";
import { FAILURE_FIXES, type HttpAnswer, requestAnswer } from "../http-answer.ts";
import { isTrustedHereOnly } from "../public-trust.ts";
import {
  type FailedSearch,
  findJson,
  isReadable,
  isWebUrl,
  type JsonObject,
  originOf,
  quote,
  readParameter,
  redirectOf,
  type Stage,
} from "./progress.ts";
import { expandAddress, type Probe, type RecordedClient } from "./recorded-client.ts";

const ROUTING =
  "Let the proxy in front forward /.well-known/ at the root of the host, and every path below it, without a redirect.";

function fixFor({ cause }: FailedSearch): string {
  return cause === undefined ? ROUTING : FAILURE_FIXES[cause];
}

export const address: Stage = {
  name: "address",
  title: "address",
  asks: "for a client that runs in the cloud, whether the address is one that the internet can reach",
  async run({ client, url }) {
    const problem = client.isHosted ? describeAddress(url) : undefined;
    return {
      observations:
        problem === undefined
          ? []
          : [
              warning(
                `${client.title} connects from the internet, and ${problem}.`,
                "Give the server a public https address at port 443.",
              ),
            ],
    };
  },
};

function describeAddress({ protocol, hostname, port }: URL): string | undefined {
  if (
    isLoopback(hostname) ||
    /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\.|\.(local|internal|localhost)$/.test(hostname)
  ) {
    return `${hostname} is not reachable from there`;
  }
  if (protocol !== "https:") {
    return "the address is not https";
  }
  return port === "" ? undefined : `the address has the port ${port}`;
}

export const firstRequest: Stage = {
  name: "first-request",
  title: "first request",
  asks: "whether the MCP endpoint answers the client's first request with 401, and where its challenge points to; for a client that runs in the cloud, whether machines other than this one trust the certificate",
  async run({ client, url }) {
    let challenge: string | undefined;
    let described: string | undefined;
    let open: string | undefined;
    for (const [index, probe] of client.probes.entries()) {
      const first = await send(url, probe, client);
      const isOpen = first.answered && first.status === 200 && probe.rpc !== undefined;
      // A server with public tools challenges only what needs a token.
      const answer = isOpen ? await send(url, { ...probe, rpc: "prompts/get" }, client) : first;
      if (isOpen && answer.answered && answer.status === 401) {
        open ??= `${url.href} answers ${describeProbe(probe)} without a token: it has public tools. A client that takes this for a server without authentication signs its user in only when a call is answered 401, and Claude's dialog may not do so at all.`;
      }
      const problem = index === 0 ? describeRefusal(url, answer, client, probe) : undefined;
      if (problem !== undefined) {
        return { observations: [problem] };
      }
      if (answer.answered && answer.status === 401 && canReadChallenge(answer, client)) {
        challenge = answer.headers.get("www-authenticate") ?? challenge;
      }
      described ??= `${probe.method} ${url.href} without a token is answered 401`;
    }
    const document = challenge === undefined ? undefined : readParameter(challenge, "resource_metadata");
    const pointing =
      document === undefined
        ? "without a challenge that names the metadata"
        : `with a challenge that names ${document}`;
    const observations = described === undefined ? [] : [ok(`${described}, ${pointing}.`)];
    if (open !== undefined) {
      observations.push(warning(open, 'If users can\'t sign in from this client, remove `access: "public"`.'));
    }
    if (client.isHosted && (await isTrustedHereOnly(url))) {
      observations.push(
        warning(
          `${client.title} connects from the internet, and only this machine trusts the authority that issued the certificate of ${url.host}.`,
          FAILURE_FIXES.tls,
        ),
      );
    }
    return {
      observations,
      learned: challenge === undefined ? {} : { challenge },
    };
  },
};

function send(url: URL, { method, rpc, headers }: Probe, client: RecordedClient): Promise<HttpAnswer> {
  const body =
    rpc === undefined ? undefined : JSON.stringify({ jsonrpc: "2.0", id: 1, method: rpc, params: PARAMS[rpc] });
  return requestAnswer(url.href, {
    method,
    headers: { ...headers, ...originOf(client) },
    ...(body !== undefined && { body }),
  });
}

const INFO = { name: "mcp-env-auth-doctor", version: "1.0.0" };
const PARAMS = {
  // Of no prompt: no server lets strangers do that, and all refuse it by HTTP status.
  "prompts/get": { arguments: {} },
  initialize: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: INFO },
  "server/discover": {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": INFO,
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

function describeRefusal(url: URL, answer: HttpAnswer, client: RecordedClient, probe: Probe): Observation | undefined {
  if (!answer.answered) {
    return failure(`${url.href} can't be reached: ${answer.reason}.`, FAILURE_FIXES[answer.cause]);
  }
  const { status, headers } = answer;
  const redirect = redirectOf(answer, url.href);
  if (redirect !== undefined) {
    return failure(
      `${url.href} redirects to ${redirect.location}. Clients lose their request or their token on the way.`,
      `Give users the address that answers without a redirect, or end the redirect in the proxy.`,
    );
  }
  if (!isReadable(headers, client)) {
    return failure(
      `${url.href} answers ${status} without CORS headers for ${client.origin}, so the page can't read it.`,
      "Add the origin to FASTMCP_HTTP_ALLOWED_ORIGINS, and let the proxy pass OPTIONS requests and every Access-Control header.",
    );
  }
  if (status === 401) {
    return undefined;
  }
  return failure(
    `${url.href} answers ${status} to ${describeProbe(probe)} without a token, and must answer 401.`,
    adviceOn(status, client),
  );
}

function describeProbe({ method, rpc }: Probe): string {
  return rpc === undefined ? method : `${method} ${rpc}`;
}

function adviceOn(status: number, { origin }: RecordedClient): string {
  if (status >= 200 && status < 300) {
    return "The server takes requests without a login, so the client never begins one. Set FASTMCP_SERVER_AUTH, and compare the address with the protected one.";
  }
  if (status === 403) {
    return origin === undefined
      ? "Let the proxy pass the Host that the client sends, or add what it sends to FASTMCP_HTTP_ALLOWED_HOSTS. A firewall in front may also block clients that are not browsers."
      : "Add the origin to FASTMCP_HTTP_ALLOWED_ORIGINS.";
  }
  return "Check the path of the address (FASTMCP_STREAMABLE_HTTP_PATH), and let the proxy forward POST requests to it.";
}

/** Fetch Standard section 3.3.4: a page reads only headers that are exposed. */
function canReadChallenge(
  { headers }: Extract<HttpAnswer, { readonly answered: true }>,
  { origin }: RecordedClient,
): boolean {
  return origin === undefined || /www-authenticate|\*/i.test(headers.get("access-control-expose-headers") ?? "");
}

export const resourceMetadata: Stage = {
  name: "resource-metadata",
  title: "resource metadata",
  asks: "whether the protected resource metadata is where the client looks for it, and names a resource that it accepts",
  async run({ client, url, challenge }) {
    const found = await findJson(resourceAddresses(client, url, challenge), client);
    if ("problems" in found) {
      const issuer = client.resourceMetadata.otherwise === "url" ? url.href : url.origin;
      const message = `No protected resource metadata: ${found.problems.join("; ")}.`;
      return client.resourceMetadata.otherwise === "stop"
        ? { observations: [failure(message, fixFor(found))] }
        : {
            observations: [
              warning(`${message} The client takes ${issuer} for the authorization server.`, fixFor(found)),
            ],
            learned: { issuer },
          };
    }
    const { json } = found;
    const [issuer] = Array.isArray(json.authorization_servers) ? json.authorization_servers : [];
    if (!isWebUrl(issuer)) {
      return {
        observations: [
          failure(
            `${found.url} names no authorization server (authorization_servers).`,
            "Let the proxy change no document, and check which program answers there.",
          ),
        ],
      };
    }
    if (!acceptsResource(client, url, json.resource)) {
      return { observations: [describeOtherResource(found.url, url, json.resource)] };
    }
    return {
      observations: [ok(`${found.url} names the authorization server ${issuer}`)],
      learned: { resourceMetadata: json, issuer },
    };
  },
};

function resourceAddresses({ resourceMetadata: rules }: RecordedClient, url: URL, challenge = ""): readonly string[] {
  const named = rules.challenge === "ignored" ? undefined : readParameter(challenge, "resource_metadata");
  const derived = rules.addresses.map((template) => expandAddress(template, url.href));
  if (!isWebUrl(named)) {
    return derived;
  }
  return rules.challenge === "only" ? [named] : [named, ...derived];
}

function acceptsResource(
  { resourceMetadata: { resource: rule } }: RecordedClient,
  url: URL,
  resource: unknown,
): boolean {
  if (rule === "any") {
    return true;
  }
  if (typeof resource !== "string" || !URL.canParse(resource)) {
    return false;
  }
  const named = new URL(resource);
  const below = (path: string) => `${path.replace(/\/+$/, "")}/`;
  return rule === "exact"
    ? named.href === url.href
    : named.origin === url.origin && below(url.pathname).startsWith(below(named.pathname));
}

function describeOtherResource(document: string, url: URL, resource: unknown): Observation {
  return failure(
    `${document} names the resource ${quote(resource)}, and the client was given ${url.href}.`,
    "Give users the address that the document names. If that one is wrong, correct BASE_URL and FASTMCP_STREAMABLE_HTTP_PATH of the server.",
  );
}

export const serverMetadata: Stage = {
  name: "server-metadata",
  title: "server metadata",
  asks: "whether the authorization server's metadata is at one of the addresses that the client tries, is of this issuer, and has what the client requires",
  async run({ client, issuer = "" }) {
    const { addresses, checksIssuer, requires, requiresOfOpenid = [], otherwise } = client.serverMetadata;
    const found = await findJson(
      addresses.map((template) => expandAddress(template, issuer)),
      client,
    );
    if ("problems" in found) {
      // Its other endpoints are there as well.
      return otherwise === "stop" || found.cause !== undefined
        ? { observations: [failure(`No metadata of ${issuer}: ${found.problems.join("; ")}.`, fixFor(found))] }
        : {
            observations: [
              warning(
                `No metadata of ${issuer}: ${found.problems.join("; ")}. The client assumes its endpoints at the root.`,
                fixFor(found),
              ),
            ],
            learned: { serverMetadata: defaultsOf(issuer) },
          };
    }
    const { json, url } = found;
    if (checksIssuer && trim(String(json.issuer)) !== trim(issuer)) {
      return {
        observations: [
          failure(
            `${url} is of the issuer ${quote(json.issuer)}, and the client looked for ${issuer}.`,
            "Start the server with its public address in BASE_URL, and let the proxy change no document.",
          ),
        ],
      };
    }
    const required = url.includes("openid-configuration") ? [...requires, ...requiresOfOpenid] : requires;
    const missing = required.filter((member) => json[member] === undefined);
    if (missing.length > 0) {
      return {
        observations: [
          failure(
            `${url} lacks ${missing.join(", ")}, and the client stops without.`,
            "Update the server. If the document is another program's, route the address to the server.",
          ),
        ],
      };
    }
    return { observations: [ok(`${url} is the metadata of ${issuer}`)], learned: { serverMetadata: json } };
  },
};

/** MCP of 2025-03-26, Fallbacks for Servers without Metadata Discovery. */
function defaultsOf(issuer: string): JsonObject {
  const at = (path: string) => new URL(path, issuer).href;
  return {
    authorization_endpoint: at("/authorize"),
    token_endpoint: at("/token"),
    registration_endpoint: at("/register"),
  };
}

function trim(url: string): string {
  return url.replace(/\/+$/, "");
}
