import { printableLines } from "../../env/terminal-text.ts";
import { ConfigError } from "../../errors.ts";
import { type CliContext, CommandFailure, UsageError } from "../command.ts";
import { ownEndpoint, readAddress } from "../remote-address.ts";
import { logInAs } from "./form-login.ts";
import { credentialsPath, type KeptTokens, openCredentials } from "./kept-tokens.ts";
import { openRemoteFetch } from "./remote-fetch.ts";
import { type Connection, connect } from "./remote-server.ts";
import { checkWebUrl, openBrowser } from "./web-browser.ts";

/** Which server, and who asks. */
export interface RemoteOptions {
  /** The MCP endpoint. Default: of the server that the environment describes. */
  readonly url: string | undefined;
  /** A user of dev-auth0, who is logged in without a browser. */
  readonly as: string | undefined;
}

/** A server, and what is kept for it. */
export interface Remote {
  readonly url: URL;
  readonly credentials: KeptTokens;
}

/**
 * @throws UsageError when neither the options nor the environment say where the server is.
 * @throws Error when it is reached by http, and not on this machine.
 */
export async function findRemote({ url, as }: RemoteOptions, context: CliContext): Promise<Remote> {
  const target =
    url === undefined ? await ownEndpoint(context, "Add --url and the address of the MCP endpoint.") : readAddress(url);
  checkWebUrl(target);
  return { url: target, credentials: openCredentials(target, credentialsPath(context.env), as) };
}

/** Does `work` with a connection to the server, on behalf of the user who logged in. */
export async function withRemote<T>(
  options: RemoteOptions,
  context: CliContext,
  work: (connection: Connection, remote: Remote) => Promise<T>,
): Promise<T> {
  const remote = await findRemote(options, context);
  const { as } = options;
  const fetch = await openRemoteFetch(context);
  const connection = await connect({
    ...remote,
    fetch,
    openBrowser: (url) => (as === undefined ? openBrowser(url, context.stderr) : logInAs(as, url, fetch)),
  });
  try {
    return await work(connection, remote);
  } finally {
    await connection.close();
  }
}

/** Reports what a server, a network or a person refused as a sentence, without a stack or what steers a terminal. */
export async function refusalsInWords(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigError || !(error instanceof Error)) {
      throw error;
    }
    // The MCP SDK says first what it was doing.
    const message = error.message.replace("Version negotiation probe failed: ", "");
    throw new CommandFailure(printableLines(message), { cause: error });
  }
}
