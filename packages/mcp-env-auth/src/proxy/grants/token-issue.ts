import type { Dialect } from "../../client-dialects.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";

/** Whose tokens they are, by hashes. */
export interface TokenOwner {
  readonly subjectHash: string;
  /** Absent: a login through no organization. */
  readonly organizationHash?: string | undefined;
}

/** The login that tokens are issued for. */
export interface TokenIssue {
  readonly family: string;
  /** How many refreshes there were since the login, this one included. */
  readonly generation: number;
  readonly loginTime: number;
  readonly clientHash: string;
  /** What the client calls itself, or the host of its document. */
  readonly clientName?: string | undefined;
  /** As in an access token. */
  readonly dialect?: Dialect | undefined;
  /** What the user approved. */
  readonly grantedScopes: readonly string[];
  /** What the access token is for: all of those, or fewer (RFC 6749 section 6). */
  readonly requestedScopes: readonly string[];
  /** What the provider has refused so far, although the user had approved it. */
  readonly withheld?: readonly string[] | undefined;
  /** The key that the access token is bound to (RFC 9449 section 5). */
  readonly jkt?: string | undefined;
  /** Whether the refresh token is bound to it, too: one of a confidential client is bound to the client. */
  readonly bindsRefreshToken: boolean;
  /** Whether the client was public, by its metadata document, when the session began. */
  readonly publicClient?: true | undefined;
  /** At a login: its verified id token, where there is one. */
  readonly idToken?: VerifiedIdToken | undefined;
  /** At a refresh: who the tokens have belonged to. */
  readonly owner?: TokenOwner;
  /** At a refresh: the provider's refresh token so far, which stays good where the provider does not rotate. */
  readonly providerRefreshToken?: string;
}
