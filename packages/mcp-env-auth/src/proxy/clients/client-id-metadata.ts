import { OAuthError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../logger.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import { describable } from "../protocol/parameters.ts";
import { identityHash } from "../tokens/sealed-tokens.ts";
import type { Client, ClientResolver } from "./client.ts";
import { readClientKeys } from "./client-keys.ts";
import { invalidMetadata, presentValue, readClientMetadata } from "./client-metadata.ts";
import { createCachedDocuments } from "./documents/cached-documents.ts";
import { unavailableDocument } from "./documents/document-refusals.ts";
import { adviceOnHost, isAllowedHost, problemOfDocumentUrl } from "./documents/document-url.ts";
import type { LimitedFetch } from "./documents/fetch-limits.ts";
import { DocumentError, TooManyFetches } from "./documents/guarded-fetch.ts";

/** The largest document that is read: the draft recommends 5 KB (section 6.6). */
const MAX_BYTES = 5 * 1024;
const CAPACITY = 1000;

export interface MetadataClientOptions {
  readonly fetch: LimitedFetch;
  /** Hosts whose documents are taken; without a list any public one, with an empty one none. */
  readonly hosts: readonly string[] | undefined;
  /** What sets that list. */
  readonly variable: string;
  readonly scopesSupported: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Resolves client ids that are URLs of a Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document): a
 * client that registers nowhere, but publishes what it would.
 */
export function createMetadataClientResolver(options: MetadataClientOptions): ClientResolver {
  const { hosts, variable, scopesSupported, clock, logger } = options;
  const documents = createCachedDocuments({
    fetch: options.fetch,
    maxBytes: MAX_BYTES,
    capacity: CAPACITY,
    clock,
    read: (document, url) => readMetadataDocument(document, url, scopesSupported),
  });
  return async (clientId, from) => {
    const problem = problemOfDocumentUrl(clientId);
    if (problem !== undefined) {
      throw refuse(`The client_id ${problem}.`);
    }
    if (!isAllowedHost(clientId, hosts)) {
      throw refuse(`This server takes no client_id from this host. ${adviceOnHost(clientId, variable)}`);
    }
    try {
      return await documents.get(clientId, from);
    } catch (error) {
      if (!(error instanceof TooManyFetches)) {
        const { host } = new URL(clientId);
        logger.info(
          { event: "client-document-refused", host, reason: messageOf(error) },
          "A client id's document can't be used",
        );
      }
      throw toClientError(error, clientId, options);
    }
  };
}

/**
 * Validates a document as a registration would be. How the client authenticates is the one thing in which they differ:
 * nobody could have given it a secret. It may list several methods, of which it then uses any.
 *
 * @throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`.
 */
function readMetadataDocument(
  document: Readonly<Record<string, unknown>>,
  url: string,
  scopesSupported: readonly string[],
): Client {
  if (document.client_id !== url) {
    throw invalidMetadata("Its client_id is not the URL that it was fetched from.");
  }
  const metadata = readClientMetadata(document, {
    isRedirectUriAllowed: () => true,
    // Whether the provider offers it is asked at each login: the document outlives a change of that.
    offeredScopes: [...scopesSupported, OFFLINE_ACCESS],
  });
  if (metadata.name === undefined) {
    throw invalidMetadata("It has no client_name.");
  }
  const authMethods = readAuthMethods(document);
  return {
    ...metadata,
    id: url,
    hash: identityHash(url),
    authMethods,
    ...(authMethods.includes("private_key_jwt") && { keys: readClientKeys(document) }),
    metadataHost: new URL(url).host,
  };
}

function readAuthMethods(document: Readonly<Record<string, unknown>>): Client["authMethods"] {
  const preferred = presentValue(document.token_endpoint_auth_method);
  const others = presentValue(document.token_endpoint_auth_methods_supported) ?? [];
  if ("client_secret" in document || "client_secret_expires_at" in document) {
    throw invalidMetadata("It holds a client_secret, which a public document can't.");
  }
  if (!Array.isArray(others)) {
    throw invalidMetadata("token_endpoint_auth_methods_supported must be a list.");
  }
  if (typeof preferred === "string" && preferred.startsWith("client_secret_")) {
    throw invalidMetadata(
      "A client without registration has no secret: use token_endpoint_auth_method none or private_key_jwt.",
    );
  }
  const offered: unknown[] = [preferred ?? "none", ...others];
  const methods = (["none", "private_key_jwt"] as const).filter((method) => offered.includes(method));
  if (methods.length === 0) {
    throw invalidMetadata("token_endpoint_auth_method must be none or private_key_jwt.");
  }
  return methods;
}

/**
 * Tells what is public: what is wrong with a document, but not why it could not be fetched, which is about our network.
 * Whether a name leads to an address inside, or nowhere, is answered alike.
 */
function toClientError(
  error: unknown,
  url: string,
  { hosts, variable }: Pick<MetadataClientOptions, "hosts" | "variable">,
): unknown {
  if (error instanceof DocumentError) {
    return error.kind === "unavailable"
      ? unavailableDocument(
          `The client's metadata document can't be fetched from ${new URL(url).host} right now. Try again in a moment. The host must have public addresses only. If this lasts, the operator of this server can set ${variable} to [], so that clients register instead.`,
          { url, hosts, error },
        )
      : refuse(
          `The client's metadata document can't be used. It must be a JSON object of at most ${MAX_BYTES} bytes, at that very URL.`,
        );
  }
  return error instanceof OAuthError ? refuse(`The client's metadata document can't be used. ${error.message}`) : error;
}

function refuse(description: string): OAuthError {
  return new OAuthError("invalid_client", describable(description, 500));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
