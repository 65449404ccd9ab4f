import { OAUTH_METADATA, OPENID_METADATA } from "../../endpoint.ts";
import { failure, type Observation, ok, skipped, warning } from "./finding.ts";
import { type HttpAnswer, requestAnswer } from "./http-answer.ts";
import type { Subject } from "./subject.ts";

/** Checks the metadata documents that a client reads: their addresses, and the values that must match exactly. */
export async function checkMetadata(subject: Subject): Promise<Observation[]> {
  const { authentication, metadata } = subject;
  if (metadata === undefined) {
    return [skipped("The authorization server is unknown. Set it to check its metadata.")];
  }
  const { url, document } = metadata;
  const resource = await readJson(url);
  if ("problem" in resource) {
    return [failure(resource.problem, forwarding(subject))];
  }
  const wrong = [
    ...difference("resource", resource.json.resource, document.resource),
    ...difference(
      "authorization server",
      firstOf(resource.json.authorization_servers),
      firstOf(document.authorization_servers),
    ),
  ];
  if (wrong.length > 0) {
    return wrong.map((difference) => failure(`${url}: ${difference}`, sameEnvironment(subject)));
  }
  // Where tokens of others are accepted, the authorization server is not behind BASE_URL.
  const own = subject.provider.upstream?.kind === "tokens" ? [] : authentication.authorizationServers;
  const issuers = await Promise.all(
    own.map((issuer) => checkIssuer(issuer, documentAdvice(subject), onlyTheAlias(subject))),
  );
  return [ok(`${url} names the resource ${document.resource}`), ...issuers];
}

/** RFC 8414 section 3.1 and 5: where clients look for the metadata of an issuer, in their order. */
function issuerMetadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    ...new Set([
      `${origin}${OAUTH_METADATA}${path}`,
      `${origin}${OPENID_METADATA}${path}`,
      `${origin}${path}${OPENID_METADATA}`,
    ]),
  ];
}

/**
 * Whether the metadata of an authorization server is found, and is of exactly this issuer.
 *
 * @param advice What to do if it isn't.
 * @param onlyAlias What it means that the metadata is missing at its first address and found at another. Default:
 * nothing.
 */
export async function checkIssuer(
  issuer: string,
  advice: string,
  onlyAlias?: (missing: string, found: string) => Observation,
): Promise<Observation> {
  const urls = issuerMetadataUrls(issuer);
  for (const url of urls) {
    const document = await readJson(url);
    if ("problem" in document) {
      continue;
    }
    const [wrong] = difference("issuer", document.json.issuer, issuer);
    if (wrong !== undefined) {
      return failure(`${url}: ${wrong}`, advice);
    }
    const lacking = whatClientsMiss(document.json);
    if (lacking !== undefined) {
      return warning(`${url} ${lacking.message}`, lacking.fix);
    }
    if (onlyAlias !== undefined && url !== urls[0]) {
      return onlyAlias(urls[0] ?? "", url);
    }
    return ok(`${url} names the issuer ${issuer}`);
  }
  return failure(`No metadata of the authorization server ${issuer} is found at ${urls.join(", ")}.`, advice);
}

/** Whether the authorization server lists the scopes that clients are told to register with and ask for. */
export async function checkListedScopes({ authentication, nameOf, declaration }: Subject): Promise<Observation[]> {
  const { authorizationServers, requiredScopes, scopesSupported = requiredScopes } = authentication;
  const [issuer] = authorizationServers;
  if (issuer === undefined || scopesSupported.length === 0) {
    return [];
  }
  for (const url of issuerMetadataUrls(issuer)) {
    const document = await readJson(url);
    const listed = "problem" in document ? undefined : document.json.scopes_supported;
    if (Array.isArray(listed)) {
      const missing = scopesSupported.filter((scope) => !listed.includes(scope));
      const field = authentication.scopesSupported === undefined ? "requiredScopes" : "scopesSupported";
      const where = declaration?.fields[field]?.where;
      return missing.length === 0
        ? []
        : [
            warning(
              `${url} does not list the scopes ${missing.join(" ")}, which clients are told to ask for. The provider may refuse to register clients with them, and logins.`,
              `Create them there and let clients register with them, or correct ${nameOf(field)}${where === undefined ? "" : ` (${where})`}.`,
            ),
          ];
    }
  }
  return [];
}

/** Our own metadata is found under OpenID Connect's name and not where RFC 8414 section 3.1 puts it. */
function onlyTheAlias({ nameOf }: Subject): (missing: string, found: string) => Observation {
  return (missing, found) =>
    warning(
      `The metadata is found at ${found} but not at ${missing}. Clients that only look there can't log in.`,
      `Route ${new URL(missing).pathname} to the server as well: clients look for it at the root of the host of ${nameOf("baseUrl")}, outside of its path.`,
    );
}

/**
 * What MCP clients look for in the metadata of an authorization server, beside its endpoints, and go no further
 * without.
 */
function whatClientsMiss(
  metadata: Readonly<Record<string, unknown>>,
): { readonly message: string; readonly fix: string } | undefined {
  const { code_challenge_methods_supported: methods } = metadata;
  if (!(Array.isArray(methods) && methods.includes("S256"))) {
    const message =
      "does not list PKCE with S256 (code_challenge_methods_supported), so MCP clients refuse to log in there.";
    return { message, fix: "Turn PKCE on at the provider, or let its metadata say that it has it." };
  }
  if (typeof metadata.registration_endpoint === "string" || metadata.client_id_metadata_document_supported === true) {
    return undefined;
  }
  return {
    message:
      "offers clients no way to register themselves, so only those can log in that were registered there by hand.",
    fix: "Turn on dynamic client registration or client id metadata documents at the provider; where it has neither, use a provider of this package that logs users in itself.",
  };
}

function documentAdvice(subject: Subject): string {
  return `${sameEnvironment(subject)} ${forwarding(subject)} With a path in the issuer, clients ask at the root of its host first.`;
}

function difference(what: string, found: unknown, expected: unknown): string[] {
  if (found === expected) {
    return [];
  }
  const shown = typeof found === "string" ? found : "none";
  const slash =
    typeof found === "string" && trim(found) === trim(String(expected)) ? " They differ in a trailing slash." : "";
  return [`The ${what} is ${shown}, and must be exactly ${String(expected)}.${slash}`];
}

function trim(url: string): string {
  return url.replace(/\/+$/, "");
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

function forwarding({ nameOf }: Subject): string {
  return `Let the proxy in front forward /.well-known/ and every path under ${nameOf("baseUrl")}, with the Host that the client sends (else add its Host to FASTMCP_HTTP_ALLOWED_HOSTS).`;
}

function sameEnvironment({ nameOf }: Subject): string {
  return `Start the server with this same environment (${nameOf("baseUrl")}, FASTMCP_STREAMABLE_HTTP_PATH), and let the proxy change no document.`;
}

type JsonAnswer = { readonly json: Readonly<Record<string, unknown>> } | { readonly problem: string };

async function readJson(url: string): Promise<JsonAnswer> {
  const answer = await requestAnswer(url, { headers: { accept: "application/json" } });
  const problem = describeProblem(answer);
  if (problem !== undefined || !answer.answered) {
    return { problem: `${url} ${problem}.` };
  }
  try {
    const json: unknown = JSON.parse(answer.body);
    if (typeof json === "object" && json !== null) {
      return { json: json as Record<string, unknown> };
    }
  } catch {
    // Told below, together with JSON that is no object.
  }
  return { problem: `${url} answers with no JSON object.` };
}

function describeProblem(answer: HttpAnswer): string | undefined {
  if (!answer.answered) {
    return `can't be reached: ${answer.reason}`;
  }
  const location = answer.headers.get("location");
  if (location !== null && answer.status >= 300 && answer.status < 400) {
    return `redirects to ${location}`;
  }
  return answer.status === 200 ? undefined : `answers ${answer.status}`;
}
