import { type Endpoint, METADATA_MAX_AGE, OAUTH_METADATA } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { COOLDOWN, fetchDocument, parseJsonObject } from "../../upstream/provider-http.ts";
import { isSecureEndpoint } from "../../upstream/provider-url.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import type { AuthProviderContext } from "../auth-provider.ts";

/**
 * The provider's authorization server metadata (RFC 8414) at our own address, where MCP clients of the 2025-03-26
 * revision look for it. It is fetched when first asked for and kept for an hour; while the provider is out, the last
 * good one is served.
 */
export function forwardMetadata(url: string, { mcpPath, clock, logger }: AuthProviderContext): readonly Endpoint[] {
  let document: Readonly<Record<string, unknown>> | undefined;
  let fetching: Promise<void> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;

  async function load(): Promise<void> {
    triedAt = clock();
    try {
      document = await fetchMetadata(url);
      fetchedAt = clock();
    } catch (error) {
      if (!(error instanceof UpstreamError)) {
        throw error;
      }
      logger.warn({ url }, `The authorization server's metadata can't be forwarded. ${error.message}`);
    }
  }

  async function current(): Promise<Readonly<Record<string, unknown>>> {
    if (clock() - fetchedAt >= METADATA_MAX_AGE && (fetching !== undefined || clock() - triedAt >= COOLDOWN)) {
      fetching ??= load().finally(() => {
        fetching = undefined;
      });
      await fetching;
    }
    if (document === undefined) {
      throw new OAuthError("temporarily_unavailable", "The identity provider's metadata can't be fetched. Try again.", {
        retryAfter: COOLDOWN,
      });
    }
    return document;
  }

  return [...new Set([OAUTH_METADATA, `${OAUTH_METADATA}${mcpPath}`])].map((path) => ({
    path,
    methods: ["GET"],
    body: "none",
    crossOrigin: true,
    limit: "requests",
    async handle() {
      const metadata = await current();
      return {
        status: 200,
        headers: { "Cache-Control": `public, max-age=${METADATA_MAX_AGE}` },
        body: { json: metadata },
      };
    },
  }));
}

async function fetchMetadata(url: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await fetchDocument(url);
  const document = status === 200 ? parseJsonObject(body) : undefined;
  const { issuer, authorization_endpoint: authorize, token_endpoint: token } = document ?? {};
  if (document === undefined || ![issuer, authorize, token].every((url) => isSecureEndpoint(url))) {
    const found = status === 200 ? "without an issuer and endpoints that are https" : String(status);
    throw new UpstreamError("rejected", `${url} answered ${found}.`);
  }
  return document;
}
