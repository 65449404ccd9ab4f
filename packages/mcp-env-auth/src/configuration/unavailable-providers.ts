/** A provider of FastMCP 2.x that can't be used here. */
export interface UnavailableProvider {
  readonly classPath: string;
  readonly title: string;
  /** What its variables start with, where it has any. */
  readonly prefix?: string;
  /** What to do instead, as a sentence. */
  readonly advice: string;
}

/** Class paths that an old `.env` may name, so that they are not taken for misspelt. */
export const unavailableProviders: readonly UnavailableProvider[] = [
  {
    classPath: "fastmcp.server.auth.providers.in_memory.InMemoryOAuthProvider",
    title: "InMemoryOAuthProvider",
    advice: "It logs everyone in without asking who they are. For a server that is open on purpose, set none.",
  },
];
