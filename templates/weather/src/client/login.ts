import { randomBytes } from "node:crypto";
import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/client";
import type { CallbackListener } from "./callback-listener.ts";
import type { CredentialsFile } from "./credentials-file.ts";

/** The OAuth side of the client, as the MCP SDK asks for it. */
export interface Login extends OAuthClientProvider {
  /** The redirect that ends the login which is under way; `undefined` when none is. */
  finished(): Promise<URLSearchParams> | undefined;
}

/** How the client is known to authorization servers. Without any of it, it registers itself. */
export interface ClientIdentity {
  /** The id that somebody registered it under, and its secret. */
  readonly id?: string | undefined;
  readonly secret?: string | undefined;
  /** The URL of its client id metadata document, for authorization servers that take one. */
  readonly metadataUrl?: string | undefined;
}

export interface LoginOptions {
  readonly identity?: ClientIdentity;
  readonly credentials: CredentialsFile;
  readonly callback: CallbackListener;
  readonly openBrowser: (url: URL) => unknown;
}

/** Logs a person in with their browser: authorization code and PKCE, the redirect tied to it by `state`. */
export function createLogin({ identity = {}, credentials, callback, openBrowser }: LoginOptions): Login {
  const { id, secret, metadataUrl } = identity;
  const registered = id && { client_id: id, ...(secret && { client_secret: secret }) };
  let state = "";
  let codeVerifier = "";
  let discovery: OAuthDiscoveryState | undefined;
  let redirect: Promise<URLSearchParams> | undefined;
  let issuer: string | undefined;

  return {
    redirectUrl: callback.redirectUrl,
    clientMetadata: {
      client_name: "Weather client",
      redirect_uris: [callback.redirectUrl],
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    ...(metadataUrl && { clientMetadataUrl: metadataUrl }),
    clientInformation: (context) => registered || credentials.read(context?.issuer).client,
    saveClientInformation(client, context) {
      issuer = issuerOf(context);
      credentials.write(issuer, { client });
    },
    tokens: (context) => credentials.read(context?.issuer).tokens,
    saveTokens(tokens, context) {
      issuer = issuerOf(context);
      credentials.write(issuer, { ...credentials.read(issuer), tokens });
      // The login is over: a server that wants another one may by then use another authorization server.
      discovery = undefined;
    },
    state() {
      state = randomBytes(16).toString("base64url");
      return state;
    },
    saveCodeVerifier(verifier) {
      codeVerifier = verifier;
    },
    codeVerifier: () => codeVerifier,
    saveDiscoveryState(found) {
      discovery = found;
    },
    discoveryState: () => discovery,
    redirectToAuthorization(url) {
      redirect = callback.waitFor(state);
      openBrowser(url);
    },
    invalidateCredentials(scope) {
      const current = issuer ?? discovery?.authorizationServerMetadata?.issuer;
      if (scope === "discovery" || scope === "all") {
        discovery = undefined;
      }
      if (current === undefined) {
        return;
      }
      if (scope === "all" || scope === "client") {
        credentials.write(current, {});
      }
      if (scope === "tokens") {
        credentials.write(current, { client: credentials.read(current).client });
      }
    },
    finished() {
      const ending = redirect;
      redirect = undefined;
      return ending;
    },
  };
}

function issuerOf(context: { readonly issuer: string } | undefined): string {
  if (context === undefined) {
    throw new Error("The MCP SDK did not say which authorization server this is from.");
  }
  return context.issuer;
}
