import type { Readable } from "node:stream";
import { loadConfiguration } from "../../configuration/load-configuration.ts";
import { SERVER_AUTH } from "../../env/server-settings.ts";
import { printable, wrap } from "../../env/terminal-text.ts";
import { ConfigError } from "../../errors.ts";
import { silentLogger } from "../../logger.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { setOutgoing } from "../../outgoing.ts";
import { openGuardStore } from "../../store/open-guard-store.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import { type CliContext, UsageError } from "../command.ts";
import { findProvider, readServerEnvironment } from "../server-environment.ts";
import { createTerminal, hang, type Terminal } from "../terminal.ts";
import { createSubject } from "./subject.ts";
import { judgeToken, type TokenVerdict } from "./token-verdict.ts";

const MAX_LENGTH = 64 * 1024;

/**
 * The command `doctor --token`. The token is read from standard input, so that it is in no process list and no shell
 * history, and never printed.
 *
 * @throws UsageError, ConfigError
 */
export async function explainToken({ json }: { readonly json: boolean }, context: CliContext): Promise<number> {
  const { env, cwd, clock, stdin, stdout, stderr } = context;
  const configuration = await loadConfiguration({ processEnv: env, cwd, transport: "http" });
  const { provider, settings, outgoing, redactor } = configuration;
  setOutgoing(await createTransport(outgoing));
  if (provider === "none") {
    throw new ConfigError("FASTMCP_SERVER_AUTH is none: the server asks for no token.");
  }
  if (stdin.isTTY) {
    stderr.write("Paste the token and press Ctrl+D. A pipe keeps it off the screen.\n");
  }
  const token = await readToken(stdin);
  redactor.register(token);
  const name = readServerEnvironment(context).environment.get(SERVER_AUTH)?.value ?? "";
  const store = await openGuardStore(settings.storageUrl, {
    ...(provider.baseUrl === undefined ? {} : { namespace: provider.baseUrl.href }),
    clock,
    logger: silentLogger,
  });
  const declaration = (await findProvider(name, cwd))?.declaration;
  const subject = await createSubject({ configuration: { ...configuration, provider }, declaration, clock, store });
  try {
    const verdict = await judgeToken(token, subject);
    const text = json
      ? `${JSON.stringify(verdict, undefined, 2)}\n`
      : formatVerdict(verdict, createTerminal(stdout, env));
    stdout.write(redactor.redactText(text));
    return verdict.accepted ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UpstreamError)) {
      throw error;
    }
    throw new ConfigError(`The token can't be judged: the identity provider can't be reached. ${error.message}`);
  } finally {
    await subject.authentication.close();
    await store.close();
  }
}

async function readToken(stdin: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_LENGTH) {
      throw new UsageError(`What came on standard input is longer than ${MAX_LENGTH} characters.`);
    }
  }
  const token = text.trim().replace(/^(?:authorization:\s*)?(?:bearer|dpop)\s+/i, "");
  if (token === "") {
    throw new UsageError("No token came on standard input. Pipe one in: mcp-env-auth doctor --token < token.txt");
  }
  if (/\s/.test(token)) {
    throw new UsageError("What came on standard input holds spaces or several lines, and a token has none.");
  }
  return token;
}

const KINDS: Readonly<Record<TokenVerdict["kind"], string>> = {
  sealed: "An encrypted token (JWE), as this server issues them",
  jwt: "A signed JWT",
  encrypted: "An encrypted token (JWE) of an identity provider",
  opaque: "A token that says nothing by itself",
};

const LABELS = { ok: ["ok", "green"], failure: ["FAIL", "red"], info: ["-", "dim"] } as const;

function formatVerdict({ kind, accepted, reason, claims }: TokenVerdict, terminal: Terminal): string {
  const { width } = terminal;
  const lines = claims.flatMap(({ claim, status, message }) => {
    const [label, format] = LABELS[status];
    const [first = "", ...rest] = hang(claim, printable(message), { indent: 8, width: width - 6 }).split("\n");
    return [`${terminal.style(format, label.padEnd(6))}${first}`, ...rest.map((line) => `      ${line}`)];
  });
  const verdict = terminal.style(accepted ? "green" : "red", accepted ? "Accepted." : "Refused.");
  return `${[`${KINDS[kind]}.`, "", ...lines, ...(lines.length > 0 ? [""] : []), verdict, ...wrap(printable(reason), width)].join("\n")}\n`;
}
