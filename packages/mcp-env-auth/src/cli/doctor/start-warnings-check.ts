import { addressWarnings, configurationWarnings, telemetryWarnings } from "../../configuration/start-warnings.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { Loaded } from "./facts.ts";
import { fromStart, type Observation } from "./finding.ts";
import type { Subject } from "./subject.ts";

/**
 * Every warning that the start of a server with this configuration would log. Those of the provider are the lines that
 * it really logged while the other checks put it together.
 */
export async function startWarnings(
  { configuration }: Loaded,
  subject: Subject | undefined,
  answers: boolean,
): Promise<readonly Observation[]> {
  if (configuration === undefined) {
    return [];
  }
  const { transport } = configuration.settings;
  const known = new Set(configuration.warnings);
  const own = configurationWarnings(configuration, transport, { listens: !answers }).filter((each) => !known.has(each));
  const telemetry = transport === "stdio" ? [] : await telemetryWarnings(configuration);
  return [...own, ...telemetry, ...addressOf(subject, answers), ...linesOf(subject)].map(fromStart);
}

function addressOf(subject: Subject | undefined, answers: boolean): readonly ConfigProblem[] {
  const url = subject?.authentication.resource;
  if (subject === undefined || url === undefined || subject.settings.port === 0) {
    return [];
  }
  const { port, streamableHttpPath: mcpPath } = subject.settings;
  return addressWarnings({ ...subject.settings, url, port: answers ? undefined : port, mcpPath });
}

function linesOf(subject: Subject | undefined): readonly ConfigProblem[] {
  const lines = subject?.log.filter(({ level }) => level !== "info") ?? [];
  return [...new Set(lines.map(({ message }) => message))].map((message) => ({ message }));
}

/** Whether a finding already says it. */
export function isTold({ message, fix }: Observation, told: readonly Observation[]): boolean {
  const text = fix === undefined ? message : `${message} ${fix}`;
  return told.some((finding) => `${finding.message} ${finding.fix ?? ""}`.includes(text));
}
