import type { Logger } from "../logger.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import type { TokenEndpointAuthMethod } from "./token-endpoint-auth.ts";
import { UpstreamError, type UpstreamErrorKind } from "./upstream-client.ts";

export interface MethodSelectionOptions {
  /** Best first; a single one is never changed. */
  readonly candidates: readonly TokenEndpointAuthMethod[];
  readonly hasSecret: boolean;
  readonly variables: { readonly clientId: string; readonly clientSecret: string };
  readonly advice?: ProviderAdvice | undefined;
  readonly logger: Logger;
}

/** Finds out which authentication method the provider accepts from us, and stays with it. */
export interface MethodSelection {
  /** Makes a call, again with the next method when the provider refuses our credentials. */
  first<T>(call: (method: TokenEndpointAuthMethod) => Promise<T>): Promise<T>;
  /** Makes a call that can only end in `invalid_grant`, which says that our credentials were accepted. */
  check(call: (method: TokenEndpointAuthMethod) => Promise<unknown>): Promise<void>;
}

/** Starts with the best candidate; the one that the provider accepts is tried first from then on. */
export function createMethodSelection(options: MethodSelectionOptions): MethodSelection {
  const { candidates, logger, variables } = options;
  let accepted: TokenEndpointAuthMethod | undefined;

  function accept(method: TokenEndpointAuthMethod): void {
    if (method === accepted) {
      return;
    }
    accepted = method;
    const unused =
      method === "none" && options.hasSecret
        ? ` It is a public client, so ${variables.clientSecret} is not sent. ${options.advice?.publicClient ?? "A confidential one, with a secret, is safer."}`
        : "";
    logger.info({ method }, `The identity provider accepts our application with ${method}.${unused}`);
  }

  async function attempt<T>(
    call: (method: TokenEndpointAuthMethod) => Promise<T>,
    retried: readonly UpstreamErrorKind[],
  ): Promise<T> {
    const refusals: UpstreamError[] = [];
    for (const method of new Set(accepted === undefined ? candidates : [accepted, ...candidates])) {
      try {
        const result = await call(method);
        accept(method);
        return result;
      } catch (error) {
        if (!(error instanceof UpstreamError)) {
          throw error;
        }
        if (error.kind === "invalid_grant") {
          accept(method);
        }
        if (!retried.includes(error.kind)) {
          throw error;
        }
        refusals.push(error);
      }
    }
    const refused = refusals.find(({ kind }) => kind === "credentials");
    throw refused === undefined ? refusals[0] : withAdvice(refused, options);
  }

  return {
    first: (call) => attempt(call, ["credentials"]),
    async check(call) {
      try {
        // Some providers call a request `invalid_request` when they miss the method they want.
        await attempt(call, ["credentials", "rejected"]);
      } catch (error) {
        if (!(error instanceof UpstreamError && error.kind === "invalid_grant")) {
          throw error;
        }
      }
    },
  };
}

function withAdvice(error: UpstreamError, { candidates, variables, hasSecret }: MethodSelectionOptions): UpstreamError {
  const secret = hasSecret ? ` and ${variables.clientSecret}` : "";
  const allowed =
    error.code === "unauthorized_client"
      ? " and that it allows the authorization code and refresh token grants"
      : hasSecret
        ? ""
        : ` and that it needs no secret; set ${variables.clientSecret} if it has one`;
  return new UpstreamError(
    "credentials",
    `The identity provider does not accept our application (tried ${candidates.join(", ")}): ${error.message} Check that ${variables.clientId}${secret} are those of one application there${allowed}.`,
    { code: error.code, about: error.about },
  );
}
