import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigProblem } from "../errors.ts";
import { parseUrl } from "../lib/parse-url.ts";
import type { Environment } from "./environment.ts";
import { percentDecoded } from "./percent-decoded.ts";

/** How requests to the identity provider leave this machine. */
export interface OutgoingSettings {
  /** The proxy for https URLs, with its credentials. */
  readonly httpsProxy: URL | undefined;
  /** The proxy for http URLs. */
  readonly httpProxy: URL | undefined;
  /** As it is written. */
  readonly noProxy: string;
  /** Further certificate authorities, in PEM, that Node.js does not know by itself. */
  readonly certificates: string | undefined;
}

export interface OutgoingReading {
  readonly settings: OutgoingSettings;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS`, in any case, of the process or of the env
 * file. What Node.js has read at its own start, from the process, is left to it.
 */
export function readOutgoing(environment: Environment): OutgoingReading {
  const problems: ConfigProblem[] = [];
  const proxy = (variable: string): URL | undefined => {
    const value = environment.get(variable)?.value.trim() ?? "";
    if (value === "") {
      return undefined;
    }
    const text = value.includes("://") ? value : `http://${value}`;
    const url = parseUrl(text);
    if (url !== undefined && percentDecoded(url.username + url.password) === undefined) {
      const message = "has a % in its user or password that begins no percent-encoding. Write %25 for each.";
      problems.push({ variable, message });
      return undefined;
    }
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== "") {
      return url;
    }
    problems.push({
      variable,
      message: "is not the URL of an http or https proxy. Write http://host:port, or http://user:password@host:port.",
    });
    return undefined;
  };
  const settings = { httpsProxy: proxy("HTTPS_PROXY"), httpProxy: proxy("HTTP_PROXY") };
  const { certificates, warnings } = readCertificates(environment);
  return {
    settings: { ...settings, noProxy: environment.get("NO_PROXY")?.value ?? "", certificates },
    problems,
    warnings,
  };
}

function readCertificates(environment: Environment): Pick<OutgoingReading, "warnings"> & {
  readonly certificates: string | undefined;
} {
  const variable = "NODE_EXTRA_CA_CERTS";
  const set = environment.get(variable);
  if (set === undefined || set.value === "") {
    return { certificates: undefined, warnings: [] };
  }
  const path = resolve(environment.cwd, set.value);
  const warn = (message: string) => ({ certificates: undefined, warnings: [{ variable, message }] });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return warn(`names a file that can't be read (${(error as NodeJS.ErrnoException).code}): ${path}`);
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    return warn(`names a file without a certificate in PEM: ${path}`);
  }
  // Node.js itself reads it from the process's environment only, under this very name.
  const known = set.source.kind === "process" && set.name === variable && process.env[variable] === set.value;
  return { certificates: known ? undefined : text, warnings: [] };
}
