import { recordedClients } from "../../../../packages/mcp-env-auth/src/cli/doctor/replay/recorded-clients.ts";
import { replay } from "../../../../packages/mcp-env-auth/src/cli/doctor/replay/replay.ts";
import type { ClientStack } from "./client-stack.ts";
import type { Exchange, Meddling } from "./recorder.ts";
import { type ClientCommand, openVisit } from "./visit.ts";

/** Servers that something in front of them breaks. */
export const BROKEN: Readonly<Record<string, (url: URL) => Meddling | undefined>> = {
  "as it is": () => undefined,
  "with OpenID Connect's document only": hide(/^\/+\.well-known\/oauth-authorization-server/),
  "without resource metadata": hide(/^\/+\.well-known\/oauth-protected-resource/),
  "without server metadata": hide(/\/\.well-known\/(oauth-authorization-server|openid-configuration)/),
  "without registration": hide(/^\/register$/),
  "whose documents redirect": ({ pathname, searchParams }) =>
    pathname.includes("/.well-known/") && !searchParams.has("moved")
      ? { status: 302, location: `${pathname}?moved` }
      : undefined,
};

function hide(paths: RegExp): (url: URL) => Meddling | undefined {
  return ({ pathname }) => (paths.test(pathname) ? { status: 404 } : undefined);
}

/** What the client and its replay send to a broken server, up to the login: each request once. */
export async function compare(
  command: ClientCommand,
  recording: string,
  stack: ClientStack,
  broken: (url: URL) => Meddling | undefined,
): Promise<{ readonly client: readonly string[]; readonly replay: readonly string[] }> {
  const { recorder, url } = stack;
  const recorded = recordedClients.find(({ name }) => name === recording);
  if (recorded === undefined) {
    throw new Error(`There is no recording ${recording}.`);
  }
  recorder.meddle(broken);
  try {
    const visit = await openVisit("alice", stack);
    await visit.run(command, ["list"], { timeout: 30_000 });
    const client = requests(visit.exchanges());
    await visit.close();
    const begun = recorder.exchanges.length;
    for await (const _ of replay(recorded, new URL(url))) {
      // Only what it sends counts here.
    }
    return { client, replay: requests(recorder.exchanges.slice(begun)) };
  } finally {
    recorder.meddle(undefined);
  }
}

/** Redirect URIs have a port of their own at each start. */
function requests(exchanges: readonly Exchange[]): readonly string[] {
  const login = exchanges.findIndex(({ path }) => path === "/authorize");
  const until = login === -1 ? exchanges : exchanges.slice(0, login + 1);
  const discovery = until.findIndex(({ path }) => path.includes("/.well-known/"));
  // What a client asks of the MCP endpoint once it has looked for a login is no part of that.
  const begun = until.filter(({ path }, index) => discovery === -1 || index < discovery || path !== "/mcp");
  const lines = begun.map(({ method, path, rpc, params, json, status }) => {
    const sorted = params.map(([name, value]) => `${name}=${name === "redirect_uri" ? "…" : value.split(" ").sort()}`);
    const { redirect_uris: _, scope, ...registered } = json ?? {};
    const body =
      json && JSON.stringify(Object.entries({ ...registered, scopes: String(scope).split(" ").sort() }).sort());
    return [method, path, rpc, ...sorted.sort(), body, status].filter((part) => part !== undefined).join(" ");
  });
  return [...new Set(lines)];
}
