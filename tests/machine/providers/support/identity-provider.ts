import type { Browser, Page } from "test-support/browser";
import type { Verifier } from "./table.ts";

export interface User {
  readonly username: string;
  readonly password: string;
}

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a provider must know of the servers under test. */
export interface Registration {
  /** The public address of the server behind each verifier. Each has an MCP endpoint at /mcp. */
  readonly servers: Readonly<Partial<Record<Verifier, string>>>;
  /** Where the application sends its users back: one for each proxy, and {@link DIRECT_CALLBACK}. */
  readonly redirectUris: readonly string[];
}

/** Parameters of the authorization request, the token requests, and a machine's. */
export interface DirectParameters {
  readonly authorize?: Readonly<Record<string, string>>;
  readonly token?: Readonly<Record<string, string>>;
  readonly machine?: Readonly<Record<string, string>>;
}

/** A real identity provider on this machine, behaving as it does anywhere else. */
export interface IdentityProvider extends Credentials {
  readonly version: string;
  readonly issuer: string;
  /** An application without users. */
  readonly machine: Credentials;
  /** Two that may log in. Only `bob` is ever disabled. */
  readonly users: { readonly alice: User; readonly bob: User };
  /** The audience that the provider can put into a token by `exchangeToken`. */
  readonly otherApi?: string;
  /** What an operator sets for a verifier in addition to addresses and credentials, without the prefix. */
  settings(verifier: Verifier, server: string): Readonly<Record<string, string>>;
  /** What an application sends that gets its tokens itself, for a server behind this verifier. */
  direct?(verifier: Verifier, server: string): DirectParameters;
  /** What an administrator does at the provider for a verifier, before its server starts. */
  prepare?(verifier: Verifier, server: string): Promise<void>;
  /** Logs a user in, as a browser without script does. Resolves with the redirect that `isCallback` accepts. */
  logIn(browser: Browser, at: Page, username: string, isCallback: (url: URL) => boolean): Promise<Page | URL>;
  /** Signs with a new key from now on. The old one stays published. */
  rotateKeys?(): Promise<void>;
  /** Takes the user's account away, as an administrator does. */
  disable?(username: string): Promise<void>;
  enable?(username: string): Promise<void>;
  close(): Promise<void>;
}

/** Where applications that bring their own tokens are sent back to; nothing listens there. */
export const DIRECT_CALLBACK = "http://127.0.0.1:33419/callback";
