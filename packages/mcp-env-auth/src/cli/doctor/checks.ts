import { OPEN_SERVER } from "../../configuration/start-warnings.ts";
import { checkClock } from "./clock-check.ts";
import { checkClientDocuments, checkEnvFile, checkPlatform, checkVariables } from "./environment-checks.ts";
import type { Facts } from "./facts.ts";
import { failure, fromStart, type Observation, ok, skipped } from "./finding.ts";
import { checkMcpEndpoint } from "./mcp-endpoint-checks.ts";
import { checkIssuer, checkListedScopes, checkMetadata } from "./metadata-checks.ts";
import { checkPolicy } from "./policy-check.ts";
import { checkProduction } from "./production-check.ts";
import { checkScopes } from "./scopes-check.ts";
import { isTold, startWarnings } from "./start-warnings-check.ts";
import { checkStorage } from "./storage-check.ts";
import { checkSubject } from "./subject-check.ts";
import { checkCredentials, checkKeys, checkOfflineAccess, checkTokenAudience } from "./upstream-checks.ts";

/** One thing that `doctor` looks at. */
export interface Check {
  /** What `--json` calls it. */
  readonly name: string;
  /** What the terminal and docs/cli.md call it. */
  readonly title: string;
  /** What it asks, for docs/cli.md, which is generated from this: a fragment in Markdown. */
  readonly asks: string;
  /** Says nothing where it doesn't apply. */
  run(facts: Facts): Promise<readonly Observation[]>;
}

const envFile: Check = {
  name: "env-file",
  title: "env file",
  asks: "which file there is, how many variables come from it and how many from the process",
  async run({ read, cwd }) {
    if (!("problems" in read)) {
      return checkEnvFile(read, cwd);
    }
    return read.problems.map(({ variable, message }) => failure(`${variable ?? ""} ${message}`.trim()));
  },
};

const variables: Check = {
  name: "variables",
  title: "variables",
  asks: "what the provider's declaration objects to; misspelt names, which only warn when the server starts",
  async run(facts) {
    const loaded = await facts.loaded();
    if (loaded === undefined) {
      return [];
    }
    const { declaration, verdict } = loaded;
    const assembled = await facts.assembled();
    const together =
      assembled !== undefined && "problems" in assembled
        ? checkVariables({ problems: assembled.problems, unknown: [], declaration, count: 0 })
        : [];
    return [...checkVariables(verdict), ...together];
  },
};

const platform: Check = {
  name: "platform",
  title: "platform",
  asks: "only on a hosting platform that is known here: which one, and where the server listens there",
  async run({ read }) {
    return "problems" in read ? [] : checkPlatform(read);
  },
};

const provider: Check = {
  name: "provider",
  title: "provider",
  asks: "which provider protects which URL; an open server is pointed out",
  async run(facts) {
    const loaded = await facts.loaded();
    if (loaded === undefined) {
      return [];
    }
    const { configuration, declaration } = loaded;
    if (configuration === undefined) {
      return [skipped("The rest can be checked once the variables are right.")];
    }
    if (configuration.provider === "none") {
      return [describeOpenServer(configuration.settings.transport)];
    }
    const subject = await facts.subject();
    if (subject === undefined) {
      return [];
    }
    const resource = subject.authentication.resource ?? "the server";
    return [ok(`${declaration?.title ?? "A provider of your own"} protects ${resource}`)];
  },
};

function describeOpenServer(transport: string): Observation {
  if (transport === "stdio") {
    return skipped("FASTMCP_TRANSPORT is stdio, which needs no protection and uses no provider.");
  }
  return fromStart({ message: OPEN_SERVER });
}

const authorization: Check = {
  name: "authorization",
  title: "authorization",
  asks: "the policy in `FASTMCP_AUTHORIZATION_FILE`, if there is one: its JSON, fields and values, and whether roles can be told; names show when the server starts",
  async run(facts) {
    const subject = await facts.subject();
    const configuration = (await facts.loaded())?.configuration;
    if (subject === undefined || configuration === undefined) {
      return [];
    }
    return checkPolicy({ ...configuration, provider: subject.provider });
  },
};

const clientDocuments: Check = {
  name: "client-documents",
  title: "client documents",
  asks: "behind `HTTPS_PROXY`, whether clients are told to register because their metadata documents can't be fetched",
  async run(facts) {
    const subject = await facts.subject();
    return subject === undefined ? [] : checkClientDocuments(subject);
  },
};

const discovery: Check = {
  name: "discovery",
  title: "discovery",
  asks: "whether the provider's metadata is there, complete, and of exactly the issuer it is named after; where clients are sent to it, whether they can register there and find PKCE",
  async run(facts) {
    const subject = await facts.subject();
    if (subject === undefined) {
      return [];
    }
    if (facts.offline) {
      return [skipped("Nothing was asked over the network (--offline).")];
    }
    const application = await facts.application();
    if (application !== undefined) {
      return [application.finding];
    }
    if (subject.provider.upstream === undefined) {
      return [];
    }
    const advice = "Correct the provider's address in its variables, and check this machine's connection.";
    return Promise.all(subject.authentication.authorizationServers.map((issuer) => checkIssuer(issuer, advice)));
  },
};

const keys: Check = {
  name: "keys",
  title: "keys",
  asks: "whether there are keys for the algorithms that tokens may be signed with; where tokens are looked up instead, whether that works and refuses one that was made up",
  async run(facts) {
    const [subject, tokens] = [await facts.subject(), await facts.tokens()];
    return subject === undefined || tokens === undefined ? [] : [await checkKeys(tokens, subject)];
  },
};

const credentials: Check = {
  name: "credentials",
  title: "credentials",
  asks: "whether the provider accepts the client id and secret, and by which method",
  async run(facts) {
    const [subject, discovered] = [await facts.subject(), await facts.application()];
    if (subject === undefined || discovered?.upstream === undefined) {
      return [];
    }
    return [await checkCredentials(discovered.upstream.client, discovered.application, subject)];
  },
};

const callback: Check = {
  name: "callback",
  title: "callback URL",
  asks: "the URL to register, and whether the provider redirects to it",
  async run(facts) {
    const upstream = (await facts.subject())?.provider.upstream;
    if (upstream?.kind !== "application") {
      return [];
    }
    const login = facts.offline ? undefined : await facts.login();
    return [login?.callback ?? skipped(`The provider must allow the callback URL ${upstream.callbackUrl}`)];
  },
};

const login: Check = {
  name: "login",
  title: "login",
  asks: "only where the provider refuses it for another reason, such as a grant",
  run: async (facts) => (await facts.login())?.login ?? [],
};

const scopes: Check = {
  name: "scopes",
  title: "scopes",
  asks: "only where the provider refuses the scopes that clients register with, or `offline_access`: which of them; or where its metadata lists scopes of APIs, and not these; where clients are sent to it, whether its metadata lists those that they are told to ask for",
  async run(facts) {
    const subject = await facts.subject();
    if (subject === undefined || facts.offline) {
      return [];
    }
    if (subject.provider.upstream?.kind === "tokens") {
      return checkListedScopes(subject);
    }
    const discovered = await facts.application();
    return discovered?.upstream === undefined ? [] : checkScopes(discovered.upstream, discovered.application, subject);
  },
};

const organization: Check = {
  name: "organization",
  title: "organization",
  asks: "only where the provider refuses the login because of the organization: the configured one is unknown there, or the application lets users log in another way",
  run: async (facts) => (await facts.login())?.organization ?? [],
};

const audience: Check = {
  name: "audience",
  title: "audience",
  asks: "whether the provider knows the API; where clients bring their own tokens, whether they are held to an audience",
  async run(facts) {
    const subject = await facts.subject();
    if (subject?.provider.upstream?.kind === "tokens") {
      const tokens = await facts.tokens();
      return tokens === undefined ? [] : checkTokenAudience(tokens, subject);
    }
    const login = await facts.login();
    return login === undefined ? [] : [login.audience];
  },
};

const subject: Check = {
  name: "subject",
  title: "subject",
  asks: "whether tokens say whose they are, as far as the provider's metadata tells; only a login shows the rest, see `--token`",
  async run(facts) {
    const found = await facts.subject();
    if (found === undefined) {
      return [];
    }
    if (found.provider.upstream?.kind === "tokens") {
      const rules = (await facts.tokens())?.rules?.subject;
      return checkSubject({ issuer: found.authentication.authorizationServers[0], rules }, found);
    }
    const upstream = (await facts.application())?.upstream;
    if (upstream === undefined) {
      return [];
    }
    const { issuer, claimsSupported } = upstream.client.metadata;
    return checkSubject({ issuer, claimsSupported, rules: upstream.subject }, found);
  },
};

const offlineAccess: Check = {
  name: "offline-access",
  title: "offline access",
  asks: "whether users can stay logged in",
  async run(facts) {
    const [subject, discovered] = [await facts.subject(), await facts.application()];
    if (subject === undefined || discovered?.upstream === undefined) {
      return [];
    }
    return [checkOfflineAccess(discovered.upstream.client, subject)];
  },
};

const baseUrl: Check = {
  name: "base-url",
  title: "BASE_URL",
  asks: "whether this server answers there: name, TLS, port 443, redirects",
  run: async (facts) => (await facts.address())?.findings ?? [],
};

const metadata: Check = {
  name: "metadata",
  title: "metadata",
  asks: "whether resource and issuer are there and spelled exactly the same, where clients look for them",
  async run(facts) {
    const subject = await facts.subject();
    return subject !== undefined && (await facts.address())?.reachable ? checkMetadata(subject) : [];
  },
};

const mcpEndpoint: Check = {
  name: "mcp-endpoint",
  title: "MCP endpoint",
  asks: "whether it challenges, and whether a proxy in front drops `Authorization` or `WWW-Authenticate`",
  async run(facts) {
    const subject = await facts.subject();
    const resource = subject?.authentication.resource;
    if (subject === undefined || resource === undefined || !(await facts.address())?.reachable) {
      return [];
    }
    return [await checkMcpEndpoint(resource, subject)];
  },
};

const clock: Check = {
  name: "clock",
  title: "clock",
  asks: "how far this machine's clock is from the provider's; tokens may be 60 seconds off",
  async run(facts) {
    const url = await addressOfProvider(facts);
    return url === undefined ? [] : [await checkClock(url, facts.clock)];
  },
};

async function addressOfProvider(facts: Facts): Promise<string | undefined> {
  const found = await facts.subject();
  if (found?.provider.upstream?.kind === "tokens") {
    return found.authentication.authorizationServers[0];
  }
  const { application, upstream } = (await facts.application()) ?? {};
  return upstream && (application?.configUrl?.href ?? upstream.client.metadata.authorizationEndpoint);
}

const storage: Check = {
  name: "storage",
  title: "storage",
  asks: "whether Redis answers, and whether it may forget what it keeps",
  async run(facts) {
    const configuration = (await facts.loaded())?.configuration;
    return configuration === undefined ? [] : checkStorage(configuration.settings.storageUrl, facts.clock);
  },
};

const start: Check = {
  name: "start",
  title: "start",
  asks: "what else the start would warn about, from the code that the start runs",
  async run(facts) {
    const loaded = await facts.loaded();
    if (loaded === undefined) {
      return [];
    }
    const answers = facts.offline ? false : ((await facts.address())?.reachable ?? false);
    const warnings = await startWarnings(loaded, await facts.subject(), answers);
    return warnings.filter((each) => !isTold(each, facts.told));
  },
};

const production: Check = {
  name: "production",
  title: "production",
  asks: "only with `--production`: the lines of the [checklist](deploy/checklist.md) that the configuration shows",
  async run(facts) {
    const loaded = await facts.loaded();
    if (!facts.production || loaded?.configuration === undefined || "problems" in facts.read) {
      return [];
    }
    const { configuration, declaration } = loaded;
    return checkProduction({ configuration, declaration, envFile: facts.read.file.path });
  },
};

/** Everything that `doctor` looks at, in this order. */
export const checks: readonly Check[] = [
  envFile,
  variables,
  platform,
  provider,
  authorization,
  clientDocuments,
  discovery,
  keys,
  credentials,
  callback,
  login,
  scopes,
  organization,
  audience,
  subject,
  offlineAccess,
  baseUrl,
  metadata,
  mcpEndpoint,
  clock,
  storage,
  start,
  production,
];

/** What `doctor --offline` looks at: what needs no network, and last that nothing was asked over it. */
export const offlineChecks: readonly Check[] = [
  envFile,
  variables,
  platform,
  provider,
  authorization,
  clientDocuments,
  callback,
  discovery,
  start,
  production,
];
