import { statSync } from "node:fs";
import type { Configuration } from "../../configuration/load-configuration.ts";
import { secretFileVariable } from "../../env/field.ts";
import { isLoopback } from "../../lib/url.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { failure, type Observation, ok, warning } from "./finding.ts";

/** What the lines of the checklist are judged by. */
export interface ProductionFacts {
  readonly configuration: Configuration;
  readonly declaration: ProviderDeclaration | undefined;
  /** The path of the env file, where there is one. */
  readonly envFile: string | undefined;
}

/** A line of docs/deploy/checklist.md. */
export interface ChecklistLine {
  /** As the page has it. */
  readonly line: string;
  /** What is wrong; `undefined` if nothing is. */
  judge(facts: ProductionFacts): Observation | undefined;
}

const FOR_DEVELOPMENT = /\.(?:DebugTokenVerifier|StaticTokenVerifier)$/;

/** The lines that the configuration shows, in the order of the page. */
export const checklistLines: readonly ChecklistLine[] = [
  {
    line: "A provider protects the server, and not one for development",
    judge({ configuration: { provider }, declaration }) {
      if (provider === "none") {
        return failure("Nothing protects the server.", "Set FASTMCP_SERVER_AUTH to a provider.");
      }
      return FOR_DEVELOPMENT.test(declaration?.classPath ?? "")
        ? failure(`${declaration?.title} is for development.`, "Set FASTMCP_SERVER_AUTH to an identity provider.")
        : undefined;
    },
  },
  {
    line: "`BASE_URL` is the public https address",
    judge({ configuration: { provider } }) {
      const baseUrl = provider === "none" ? undefined : provider.baseUrl;
      if (baseUrl === undefined || (baseUrl.protocol === "https:" && !isLoopback(baseUrl.hostname))) {
        return undefined;
      }
      return failure(`BASE_URL is ${baseUrl.origin}.`, "Set it to the public https address of the server.");
    },
  },
  {
    line: "The server does not run in development mode",
    judge({ configuration: { settings, environment } }) {
      if (settings.dev) {
        return failure("FASTMCP_DEV is true: the server goes on after uncaught errors.", "Remove FASTMCP_DEV.");
      }
      return environment.get("NODE_ENV")?.value === "development"
        ? failure("NODE_ENV is development.", "Set NODE_ENV=production.")
        : undefined;
    },
  },
  {
    line: "The signing key is a key of its own",
    judge({ configuration: { environment }, declaration }) {
      const variable = signingKey(declaration);
      if (variable === undefined || isSet(environment, variable)) {
        return undefined;
      }
      return warning(
        `${variable} is not set, so the client secret is the key: a new secret ends all sessions.`,
        `Set ${variable} to a random text of at least 32 characters, the same in every replica.`,
      );
    },
  },
  {
    line: "No earlier signing key is left over",
    judge({ configuration: { environment }, declaration }) {
      const variable = `${signingKey(declaration)}_PREVIOUS`;
      return isSet(environment, variable)
        ? warning(
            `${variable} is set.`,
            "Remove it when the longest session since the change is over (FASTMCP_SESSION_TTL).",
          )
        : undefined;
    },
  },
  {
    line: "Only the server's user may read the env file",
    judge({ envFile }) {
      const mode = envFile === undefined || process.platform === "win32" ? 0 : statSync(envFile).mode & 0o077;
      return mode === 0
        ? undefined
        : warning(`Other users of this machine may read ${envFile}.`, `Run chmod 600 ${envFile}.`);
    },
  },
  {
    line: "Replicas share a Redis",
    judge: ({ configuration: { settings } }) =>
      settings.storageUrl.startsWith("memory:")
        ? warning(
            "FASTMCP_STORAGE_URL is memory://, so a replay or a revocation counts only in the process that saw it.",
            "Set it to a Redis, unless one process serves all requests.",
          )
        : undefined,
  },
  {
    line: "Redis is reached by TLS, or inside a private network",
    judge({ configuration: { settings } }) {
      const { protocol, hostname } = new URL(settings.storageUrl);
      const isPlain = protocol === "redis:" && hostname.includes(".") && !isLoopback(hostname);
      return isPlain
        ? warning(
            `Redis at ${hostname} is reached without TLS.`,
            "Use rediss:// in FASTMCP_STORAGE_URL, unless the network between is private.",
          )
        : undefined;
    },
  },
  {
    line: "`FASTMCP_TRUST_PROXY` counts the proxies in front",
    judge: ({ configuration: { settings, provider } }) =>
      settings.trustProxy === 0 && provider !== "none" && provider.baseUrl?.protocol === "https:"
        ? warning(
            "FASTMCP_TRUST_PROXY is 0, and something in front ends TLS: all clients share one rate limit.",
            "Set it to the number of proxies that append to X-Forwarded-For, such as 1.",
          )
        : undefined,
  },
  {
    line: "Rate limits are on",
    judge: ({ configuration: { settings } }) =>
      settings.rateLimit === 0
        ? warning("FASTMCP_RATE_LIMIT is 0: nothing limits strangers.", "Remove it, for the default of 120 a minute.")
        : undefined,
  },
  {
    line: "No list of hosts or origins has `*`",
    judge({ configuration: { settings } }) {
      const wide = [
        ...(settings.httpAllowedHosts.includes("*") ? ["FASTMCP_HTTP_ALLOWED_HOSTS"] : []),
        ...(settings.httpAllowedOrigins.includes("*") ? ["FASTMCP_HTTP_ALLOWED_ORIGINS"] : []),
      ];
      return wide.length === 0
        ? undefined
        : warning(`${wide.join(" and ")} has *.`, "List the names that requests really come in under.");
    },
  },
  {
    line: "`/metrics` is not on a public address",
    judge: ({ configuration: { settings } }) =>
      settings.metricsPort !== undefined && !isLoopback(settings.metricsHost)
        ? warning(
            `FASTMCP_METRICS_HOST is ${settings.metricsHost}.`,
            "Let only Prometheus reach that port, by a network policy or a firewall.",
          )
        : undefined,
  },
  {
    line: "The log is at INFO or above",
    judge: ({ configuration: { settings } }) =>
      settings.logLevel === "DEBUG" ? warning("FASTMCP_LOG_LEVEL is DEBUG.", "Set it to INFO.") : undefined,
  },
  {
    line: "People see who runs the server, and where to get help",
    judge: ({ configuration: { settings } }) =>
      settings.operatorName === undefined || settings.helpUrl === undefined
        ? warning(
            "The pages of a login don't say who runs the server, or where to get help.",
            "Set FASTMCP_OPERATOR_NAME and FASTMCP_HELP_URL.",
          )
        : undefined,
  },
];

/** Judges each line that the configuration shows. Over stdio there is nothing to go live with. */
export function checkProduction(facts: ProductionFacts): readonly Observation[] {
  if (facts.configuration.settings.transport === "stdio") {
    return [];
  }
  return checklistLines.map(({ line, judge }) => judge(facts) ?? ok(`${line.replaceAll("`", "")}.`));
}

function signingKey(declaration: ProviderDeclaration | undefined): string | undefined {
  return declaration?.fields !== undefined && "jwtSigningKey" in declaration.fields
    ? `${declaration.prefix}JWT_SIGNING_KEY`
    : undefined;
}

function isSet(environment: Configuration["environment"], variable: string): boolean {
  return [variable, secretFileVariable(variable)].some((name) => (environment.get(name)?.value ?? "") !== "");
}
