import type { Logger } from "../../logger.ts";
import { ANSWERED_BY_OTHERS } from "../../upstream/token-refusal.ts";
import { type UpstreamClient, UpstreamError } from "../../upstream/upstream-client.ts";

/** The first calls come first. */
const DELAY_MS = 1000;

/**
 * Checks our credentials at the provider, beside whatever goes on, in a moment. A wrong secret would otherwise show
 * first in a user's client, after a whole login, where nobody can put it right.
 *
 * @returns what keeps it from being done.
 */
export function checkCredentialsSoon(client: UpstreamClient, redirectUri: string, logger: Logger): () => void {
  const timer = setTimeout(() => {
    client.checkCredentials(redirectUri).catch((error: unknown) => {
      if (error instanceof UpstreamError && error.kind === "credentials") {
        logger.error({}, error.message);
      } else if (error instanceof UpstreamError && error.about === "answer") {
        logger.warn({}, `The credentials could not be checked: ${error.message} ${ANSWERED_BY_OTHERS}`);
      } else {
        logger.debug({ err: error }, "The credentials could not be checked at the identity provider");
      }
    });
  }, DELAY_MS).unref();
  return () => clearTimeout(timer);
}
