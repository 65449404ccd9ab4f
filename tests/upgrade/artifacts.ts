/** A client of the server, with all that it needs to go on after an upgrade. */
export interface RecordedClient {
  readonly id: string;
  readonly authMethod: "none" | "client_secret_post" | "client_secret_basic" | "private_key_jwt";
  readonly secret?: string;
  readonly redirectUri: string;
}

interface Common {
  readonly name: string;
  /** The `.env` that the server is started from, without its suffix. */
  readonly environment: string;
  /** What Redis held, by key, where the environment has one. */
  readonly store?: Readonly<Record<string, StoredEntry>>;
  /** The provider refuses every code and refresh token: what the server kept must be enough. */
  readonly providerRefuses?: true;
  /** The client proves possession of the DPoP key of the recording. */
  readonly dpop?: true;
}

export interface StoredEntry {
  readonly value: string;
  /** Milliseconds that the entry had left; absent: no end. */
  readonly ttl?: number;
}

/** Something that the recorded version issued, and that a client or browser may still hold. */
export type Artifact = Common &
  (
    | {
        readonly kind: "client";
        readonly client: RecordedClient;
        /** What the consent page must show. */
        readonly shows: readonly string[];
      }
    | {
        readonly kind: "consent form";
        readonly client: RecordedClient;
        readonly request: string;
        readonly cookie: string;
        /** Who logs in at the provider afterwards. */
        readonly account: string;
      }
    | {
        readonly kind: "login";
        readonly client: RecordedClient;
        /** Where the provider sends the browser. */
        readonly callback: string;
        readonly cookie: string;
      }
    | {
        readonly kind: "code";
        readonly client: RecordedClient;
        readonly code: string;
        /** An access token of the same session, to be used afterwards. */
        readonly sessionToken?: string;
      }
    | { readonly kind: "access token"; readonly accessToken: string }
    | {
        readonly kind: "refresh token";
        readonly client: RecordedClient;
        readonly refreshToken: string;
        /** What the client narrows its access token to. */
        readonly scope?: string;
        /** An access token of the same session, to be used afterwards. */
        readonly sessionToken?: string;
      }
    | {
        readonly kind: "revocation";
        readonly client: RecordedClient;
        readonly token: string;
        /** An access token of the same session, which must end with it. */
        readonly sessionToken: string;
      }
  );

/** What came of an artifact, without anything random or worded for people. */
export type Outcome = Readonly<Record<string, unknown>>;

export type RecordedArtifact = Artifact & { readonly outcome: Outcome };
