import type { Logger } from "../../logger.ts";
import { type UpstreamClient, UpstreamError } from "../../upstream/upstream-client.ts";

/**
 * Checks our credentials at the provider, beside whatever goes on. A wrong secret would
 * otherwise show first in a user's client, after a whole login, where nobody can put it right.
 */
export function checkCredentialsBeside(client: UpstreamClient, redirectUri: string, logger: Logger): void {
  client.checkCredentials(redirectUri).catch((error: unknown) => {
    if (error instanceof UpstreamError && error.kind === "credentials") logger.error({}, error.message);
    else logger.debug({ err: error }, "The credentials could not be checked at the identity provider");
  });
}
