import { type Observation, warning } from "./finding.ts";
import type { Subject } from "./subject.ts";

/**
 * Whether a server with this configuration tells clients that their metadata documents will do. Nothing where it does,
 * or was told not to.
 */
export function checkClientDocuments({ log, nameOf }: Pick<Subject, "log" | "nameOf">): Observation[] {
  if (!log.some((message) => message.includes("instead of using their metadata documents"))) {
    return [];
  }
  const variable = nameOf("clientIdMetadataHosts");
  return [
    warning(
      "HTTPS_PROXY is set, and metadata documents of clients are fetched directly, so clients are told to register instead.",
      `If this machine reaches their hosts directly, list these in ${variable}, such as ["claude.ai", "chatgpt.com"]. If it doesn't, set ${variable} to [].`,
    ),
  ];
}
