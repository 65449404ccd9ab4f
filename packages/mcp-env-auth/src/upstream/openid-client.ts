// A file of its own: a lazy seam. Calls with a token never load the library.

/** The library, which is loaded for the first request that takes it: calls with a token take none. */
export type OpenIdClient = typeof import("openid-client");

export function loadOpenIdClient(): Promise<OpenIdClient> {
  return import("openid-client");
}
