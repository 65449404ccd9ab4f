import { printable } from "../../env/terminal-text.ts";
import { type CliContext, CommandFailure } from "../command.ts";
import { logOut } from "./end-session.ts";
import { openRemoteFetch } from "./remote-fetch.ts";
import { findRemote, type RemoteOptions, withRemote } from "./remote-session.ts";

export interface LoginOptions extends RemoteOptions {
  /** Whether the session that is kept ends. */
  readonly end: boolean;
}

/** The command `login`: logs in, or ends the session that is kept. */
export async function keepLogin({ end, ...options }: LoginOptions, context: CliContext): Promise<number> {
  const { stdout } = context;
  if (end) {
    const { url, credentials } = await findRemote(options, context);
    const had = await logOut(url, credentials, await openRemoteFetch(context));
    stdout.write(had ? `Logged out of ${url.href}.\n` : `Nobody was logged in to ${url.href}.\n`);
    return 0;
  }
  return withRemote(options, context, async (connection, { url, credentials }) => {
    await connection.call((client) => client.listTools());
    const { scope = "" } = credentials.read().tokens ?? {};
    if (credentials.read().tokens === undefined) {
      throw new CommandFailure(`${url.href} asked for no login.`);
    }
    stdout.write(`Logged in to ${url.href}${scope === "" ? "" : `, with ${printable(scope)}`}.\n`);
    return 0;
  });
}
