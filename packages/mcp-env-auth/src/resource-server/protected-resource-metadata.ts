import { PROOF_ALGORITHMS } from "../dpop/proof-header.ts";
import { resourceScopes } from "../scope.ts";

/** An OAuth 2.0 Protected Resource Metadata document (RFC 9728 section 2). */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  /** Absent where there are none (section 3.2). */
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly ["header"];
  readonly resource_name: string;
  readonly dpop_signing_alg_values_supported: readonly string[];
}

/** What is protected, and whose tokens it takes. */
export interface ProtectedResource {
  /** The canonical URI of the MCP endpoint (RFC 8707 section 2). */
  readonly resource: string | undefined;
  readonly authorizationServers: readonly string[];
  /** What clients are told to ask for. */
  readonly loginScopes: readonly string[];
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** A document, and where it is served. */
export interface MetadataDocument {
  /** Paths, without the path of BASE_URL: the path-inserted form (RFC 9728 section 3.1) and the root form. */
  readonly paths: readonly string[];
  /** The URL for challenges. It lies under BASE_URL, so that it is reachable when a proxy forwards nothing else. */
  readonly url: string;
  readonly document: ProtectedResourceMetadata;
}

/** Where one MCP endpoint's metadata is served. */
export interface MetadataLocation extends MetadataDocument {
  /**
   * The same for clients that write the endpoint's URL with a slash at its end: the document's `resource` must be the
   * URL that they use (RFC 9728 section 3.3). Absent where the path of the endpoint ends in a slash anyway.
   */
  readonly slashed?: MetadataDocument;
}

/**
 * The metadata of a protected MCP endpoint, or `undefined` where no authorization server is known: a challenge must not
 * point to a document that does not exist.
 */
export function locateProtectedResourceMetadata(
  { resource, authorizationServers, loginScopes }: ProtectedResource,
  options: { readonly mcpPath: string; readonly serverName: string },
): MetadataLocation | undefined {
  if (resource === undefined || authorizationServers.length === 0) {
    return undefined;
  }
  const inserted = `${WELL_KNOWN}${options.mcpPath}`;
  const scopes = resourceScopes(loginScopes);
  const url = `${resource.slice(0, resource.length - options.mcpPath.length)}${inserted}`;
  const withPath = [inserted, `${WELL_KNOWN}${new URL(resource).pathname}`];
  const document: ProtectedResourceMetadata = {
    resource,
    authorization_servers: authorizationServers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
    resource_name: options.serverName,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
  };
  const slashed = {
    paths: withPath.map(withSlash),
    url: withSlash(url),
    document: { ...document, resource: withSlash(resource) },
  };
  return {
    paths: [...new Set([...withPath, WELL_KNOWN])],
    url,
    document,
    ...(!resource.endsWith("/") && { slashed }),
  };
}

function withSlash(url: string): string {
  return `${url}/`;
}
