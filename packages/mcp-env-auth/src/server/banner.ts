import type { BannerLine } from "../logging.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";

export interface BannerFacts {
  readonly name: string;
  readonly version: string;
  /** The public URL of the MCP endpoint. */
  readonly url: string;
  /** Where the server listens. */
  readonly local: string;
  /** `undefined`: the server is open. */
  readonly provider: Pick<AuthProvider, "title" | "organizations"> | undefined;
}

/** What somebody who starts the server on a terminal wants to know: a heading, and four or five lines. */
export function bannerOf(facts: BannerFacts): { readonly heading: string; readonly lines: readonly BannerLine[] } {
  const { name, version, url, local, provider } = facts;
  return {
    heading: [name, version].filter(Boolean).join(" "),
    lines: [
      ["Address", url],
      ...(url === local ? [] : [["Listens at", local] as const]),
      ["Provider", provider === undefined ? "none" : (provider.title ?? "of your own")],
      ["Login", whoMayLogIn(provider)],
      ["Next", `claude mcp add --transport http ${shortName(name)} ${url}`],
    ],
  };
}

function whoMayLogIn(provider: BannerFacts["provider"]): string {
  if (provider === undefined) {
    return "not needed: everyone who can reach the server can use it";
  }
  const { organizations, title = "the provider" } = provider;
  switch (organizations?.length) {
    case undefined:
      return `everyone with an account that ${title} lets in`;
    case 0:
      return "nobody: no organization is allowed";
    default:
      return `members of ${organizations?.join(", ")}`;
  }
}

/** A name that a shell takes as one word. */
function shortName(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ["server"];
  return words.join("-").slice(0, 40);
}
