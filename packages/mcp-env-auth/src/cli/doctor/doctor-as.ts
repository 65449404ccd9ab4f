import { readOutgoing } from "../../env/outgoing-settings.ts";
import { createRedactor } from "../../env/redaction.ts";
import { printable } from "../../env/terminal-text.ts";
import { ConfigError } from "../../errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { setOutgoing } from "../../outgoing.ts";
import { type CliContext, UsageError } from "../command.ts";
import { ownEndpoint, readAddress } from "../remote-address.ts";
import { readServerEnvironment } from "../server-environment.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import type { Finding, FindingStatus } from "./finding.ts";
import { formatFinding } from "./finding-lines.ts";
import type { RecordedClient } from "./replay/recorded-client.ts";
import { recordedClients } from "./replay/recorded-clients.ts";
import { replay, stages } from "./replay/replay.ts";

export interface DoctorAsOptions {
  /** The name of a recorded client. */
  readonly client: string;
  /** The MCP endpoint. Default: of the server that the environment describes. */
  readonly url: string | undefined;
  /** JSON in place of lines for people. */
  readonly json: boolean;
}

const TITLES: ReadonlyMap<string, string> = new Map(stages.map(({ name, title }) => [name, title]));

/**
 * The command `doctor --as`: replays a recorded client against a server, and gives 1 when it would stop.
 *
 * @throws UsageError for an unknown client or an unusable address.
 */
export async function doctorAs({ client: given, url, json }: DoctorAsOptions, context: CliContext): Promise<number> {
  const client = findClient(given);
  const terminal = createTerminal(context.stdout, context.env);
  const redactor = await prepare(context);
  const target =
    url === undefined
      ? await ownEndpoint(context, "Add --url and the address of the MCP endpoint, or run doctor without --as.")
      : readAddress(url);
  if (!json) {
    context.stdout.write(`${terminal.style("dim", printable(describe(client, target)))}\n\n`);
  }
  const findings: Finding[] = [];
  for await (const found of replay(client, target)) {
    const finding = redactor.redact(found) as Finding;
    findings.push(finding);
    if (!json) {
      context.stdout.write(formatFinding(finding, TITLES, terminal));
    }
  }
  const stopped = findings.find(({ status }) => status === "failure");
  const ok = stopped === undefined;
  if (json) {
    const { name, title, source } = client;
    const report = { ok, client: { name, title, source }, url: target.href, findings };
    context.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    context.stdout.write(`\n${conclude(client, findings.at(-1)?.status, terminal)}\n`);
  }
  return ok ? 0 : 1;
}

function conclude({ title }: RecordedClient, last: FindingStatus | undefined, { style }: Terminal): string {
  if (last === "failure") {
    return style("red", `${title} stops here.`);
  }
  return last === "skipped"
    ? style("yellow", `${title} goes on at another server, which was not asked.`)
    : style("green", `${title} finds its way to the login.`);
}

function findClient(name: string): RecordedClient {
  const found = recordedClients.find((client) => client.name === name.toLowerCase());
  if (found !== undefined) {
    return found;
  }
  const names = recordedClients.map((client) => client.name);
  const guess = nearest(name, names);
  const hint = guess === undefined ? "" : ` Did you mean ${guess}?`;
  throw new UsageError(`Unknown client ${JSON.stringify(name)}.${hint} The clients are ${names.join(", ")}.`);
}

/**
 * Sends requests as the server would, and knows what must not be printed. What is wrong with the rest doesn't matter
 * here.
 */
async function prepare(context: CliContext) {
  try {
    const { environment, server } = readServerEnvironment(context);
    setOutgoing(await createTransport(readOutgoing(environment).settings));
    return createRedactor(server.secrets);
  } catch (error) {
    if (error instanceof ConfigError) {
      return createRedactor();
    }
    throw error;
  }
}

function describe({ title, source }: RecordedClient, url: URL): string {
  const origin =
    source.kind === "run"
      ? `as version ${source.version} was seen to do`
      : `recorded on ${source.date} from ${source.url}, not run`;
  return `${title} at ${url.href}, ${origin}`;
}
