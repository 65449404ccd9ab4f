import { OAuthError, TOO_MANY_REQUESTS } from "../../../errors.ts";
import { unavailable } from "../../protocol/outages.ts";
import { KNOWN_CLIENT_HOSTS } from "./document-reach.ts";
import { isListedHost } from "./document-url.ts";
import { type DocumentError, TooManyFetches } from "./guarded-fetch.ts";

/** A document that could not be fetched. */
export interface UnavailableDocument {
  readonly url: string;
  /** The hosts that the operator has listed. */
  readonly hosts: readonly string[] | undefined;
  readonly error: DocumentError;
}

/**
 * What a client is told of a document that can't be fetched now. Where neither the operator nor wide use vouches for
 * its host, that counts against the caller's rate limit: anybody can name hosts that don't answer.
 *
 * @param description what to say where its host is the cause.
 */
export function unavailableDocument(description: string, { url, hosts, error }: UnavailableDocument): OAuthError {
  if (error instanceof TooManyFetches) {
    return tooManyFetches(error);
  }
  const isVouchedFor = KNOWN_CLIENT_HOSTS.has(new URL(url).host) || isListedHost(url, hosts);
  return unavailable(description, error, { isCallersDoing: !isVouchedFor });
}

function tooManyFetches(error: TooManyFetches): OAuthError {
  const { whose, retryAfter } = error;
  if (whose === "server") {
    const description = "Too many documents of clients are being fetched. Try again in a moment.";
    return new OAuthError("temporarily_unavailable", description, { retryAfter, cause: error });
  }
  const description = "Too many documents of clients were asked for from this address. Try again later.";
  return new OAuthError("temporarily_unavailable", description, {
    status: TOO_MANY_REQUESTS,
    retryAfter,
    cause: error,
  });
}
