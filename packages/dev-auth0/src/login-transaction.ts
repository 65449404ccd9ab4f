import type { Api } from "./apis.ts";
import type { Application } from "./applications.ts";

/** Where the answer goes. Trusted: the callback URL is one of the application's. */
export interface AuthorizationTarget {
  readonly application: Application;
  readonly redirectUri: string;
  readonly state: string | undefined;
}

export type Prompt = "none" | "login" | "consent" | "select_account";

/** An authorization request that is in order (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1). */
export interface AuthorizationRequest extends AuthorizationTarget {
  readonly api: Api | undefined;
  /** As asked for; what is granted depends on the user. */
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly prompt: readonly Prompt[];
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly loginHint: string | undefined;
  /** The id of the one to log in to. */
  readonly organization: string | undefined;
  /** When to ask for the organization, where the application requires one. */
  readonly organizationPrompt: "pre_login_prompt" | "post_login_prompt" | undefined;
}

/** A request that waits for a person at the login or consent page. */
export interface LoginTransaction {
  readonly request: AuthorizationRequest;
  /** Known after the login. */
  readonly sessionId: string | undefined;
}
