import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConfigProblem } from "../errors.ts";
import { parseUrl, percentDecoded } from "../lib/url.ts";
import type { Environment } from "./environment.ts";
import { withReference } from "./references.ts";
import { INVISIBLE_ENDS, withoutInvisibleEnds } from "./value-ends.ts";

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
    const set = environment.get(variable);
    const value = withoutInvisibleEnds(set?.value ?? "").trim();
    if (set === undefined || value === "") {
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
    const message =
      "is not the URL of an http or https proxy. Write http://host:port, or http://user:password@host:port.";
    problems.push(withReference({ variable, message }, set));
    return undefined;
  };
  const settings = { httpsProxy: proxy("HTTPS_PROXY"), httpProxy: proxy("HTTP_PROXY") };
  const { certificates, warnings } = readCertificates(environment);
  return {
    settings: { ...settings, noProxy: withoutInvisibleEnds(environment.get("NO_PROXY")?.value ?? ""), certificates },
    problems,
    warnings: [...oddEnds(environment), ...warnings],
  };
}

function oddEnds(environment: Environment): readonly ConfigProblem[] {
  const isOdd = (text: string) => withoutInvisibleEnds(text) !== text;
  return ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"]
    .filter((variable) => isOdd(environment.get(variable)?.value ?? ""))
    .map((variable) => ({ variable, message: INVISIBLE_ENDS }));
}

function readCertificates(environment: Environment): Pick<OutgoingReading, "warnings"> & {
  readonly certificates: string | undefined;
} {
  const variable = "NODE_EXTRA_CA_CERTS";
  const set = environment.get(variable);
  const name = withoutInvisibleEnds(set?.value ?? "");
  if (set === undefined || name === "") {
    return { certificates: undefined, warnings: [] };
  }
  const path = resolve(environment.cwd, name);
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
  const known = set.source.kind === "process" && set.name === variable && process.env[variable] === name;
  return { certificates: known ? undefined : text, warnings: [] };
}
