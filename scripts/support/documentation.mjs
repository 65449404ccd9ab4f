// The reference of variables, as Markdown, from the declarations of the providers.
import { replaceBetween } from "./generated-part.mjs";

/**
 * @typedef {object} DocumentedField
 * @property {string} description
 * @property {string} example
 * @property {string | undefined} where
 * @property {string | undefined} alias
 * @property {unknown} default
 * @property {boolean} secret
 * @property {string} presence
 *
 * @typedef {object} DocumentedFamily
 * @property {string} title
 * @property {string} prefix
 * @property {Readonly<Record<string, DocumentedField>>} fields
 *
 * @typedef {DocumentedFamily & { classPath: string, aliases: readonly string[], needed: ReadonlySet<string> }} DocumentedProvider
 */

const START = /<!-- variables of (\S+): written by scripts\/generate-docs\.mjs -->/;
const END = "<!-- end of variables -->";

const CHECKS = "<!-- checks of doctor: written by scripts/generate-docs.mjs -->";
const END_OF_CHECKS = "<!-- end of checks -->";

const REPLAY = "<!-- doctor --as: written by scripts/generate-docs.mjs -->";
const END_OF_REPLAY = "<!-- end of doctor --as -->";

/**
 * What there is to tell of a provider. `needed` are the variables that it misses in an environment with nothing but
 * what every file of it has.
 *
 * @template Environment
 * @param {object} provider
 * @param {Omit<DocumentedProvider, "needed">} provider.declaration
 * @param {(environment: Environment) => { problems: readonly { variable?: string, message: string }[] }}
 * provider.fromEnvironment
 * @param {(options: { processEnv: Record<string, string>, cwd: string }) => Environment} createEnvironment
 * @returns {DocumentedProvider}
 */
export function documentProvider({ declaration, fromEnvironment }, createEnvironment) {
  const { classPath, aliases, title, prefix, fields } = declaration;
  const required = Object.entries(fields).filter(([, { presence }]) => presence === "required");
  const processEnv = Object.fromEntries(required.map(([name, { example }]) => [variableOf(prefix, name), example]));
  const missing = fromEnvironment(createEnvironment({ processEnv, cwd: "/" }))
    .problems.filter(({ message }) => message.startsWith("is required."))
    .map(({ variable = "" }) => variable);
  return { classPath, aliases, title, prefix, fields, needed: new Set([...Object.keys(processEnv), ...missing]) };
}

/**
 * A page about one provider with its table of variables brought up to date.
 *
 * @param {string} page
 * @param {readonly DocumentedProvider[]} providers
 */
export function updateProviderPage(page, providers) {
  const start = START.exec(page);
  const end = page.indexOf(END);
  const provider = providers.find(({ classPath }) => classPath === start?.[1]);
  if (start === null || end === -1 || provider === undefined) {
    throw new Error(`A page needs the lines ${START.source} (with a provider's class path) and ${END}.`);
  }
  const head = page.slice(0, start.index + start[0].length);
  return `${head}\n${describeProvider(provider)}\n${page.slice(end)}`;
}

/**
 * The class path of the provider that a page is about.
 *
 * @param {string} page
 */
export function providerOf(page) {
  return START.exec(page)?.[1];
}

/**
 * docs/cli.md with its table of checks brought up to date.
 *
 * @param {string} page
 * @param {readonly { title: string, asks: string }[]} checks
 */
export function updateCommandPage(page, checks) {
  const rows = checks.map(({ title, asks }) => `| ${cell(title)} | ${cell(asks)} |`);
  const table = ["| check | what it asks |", "|---|---|", ...rows].join("\n");
  return replaceBetween(page, { start: CHECKS, end: END_OF_CHECKS }, table);
}

/**
 * docs/cli.md with what `doctor --as` does, and whom it knows, brought up to date.
 *
 * @param {string} page
 * @param {readonly { title: string, asks: string }[]} stages
 * @param {readonly { name: string, title: string, source: { kind: string, version?: string, url?: string, date?: string
 * } }[]} clients
 */
export function updateReplayPart(page, stages, clients) {
  const { table, list } = {
    table: stages.map(({ title, asks }) => `| ${cell(title)} | ${cell(asks)} |`),
    list: clients.map(
      ({ name, title, source: { version, url, date } }) =>
        `| \`${name}\` | ${cell(title)} | ${version === undefined ? `recorded, not run: [source](${url}), ${date}` : `run: ${version}`} |`,
    ),
  };
  const text = [
    "| stage | what it asks |",
    "|---|---|",
    ...table,
    "",
    "| name | client | where the requests come from |",
    "|---|---|---|",
    ...list,
  ];
  return replaceBetween(page, { start: REPLAY, end: END_OF_REPLAY }, text.join("\n"));
}

/**
 * The whole of docs/environment.md.
 *
 * @param {DocumentedFamily} server
 * @param {readonly { name: string, description: string, example: string, secretsIn?: unknown }[]} standard
 * @param {readonly DocumentedProvider[]} providers
 * @param {ReadonlyMap<string, string>} pages The page of each class path, relative to docs.
 */
export function describeEnvironment(server, standard, providers, pages) {
  const list = providers.map(
    ({ title, classPath, aliases }) =>
      `| [${title}](${pages.get(classPath)}) | ${code(classPath)} | ${aliases
        .filter((alias) => !alias.includes("."))
        .map(code)
        .join(", ")} |`,
  );
  return `<!-- Written by scripts/generate-docs.mjs from the declarations: change those. -->
# Environment variables

They are read from the process's environment, then from \`.env\` in the working directory, or the file that \`FASTMCP_ENV_FILE\` names. Upper and lower case are alike. An empty value is a value. A secret may be in a file: \`<NAME>_FILE\` holds its path. Unknown \`FASTMCP_\` names are pointed out at the start.

\`npx mcp-env-auth env\` shows the variables of the chosen provider and where their values come from; \`npx mcp-env-auth env --example\` prints a \`.env\` to fill in.

## The server

${tableOf(server)}

## Names that are not ours

They mean here what they mean elsewhere, in the environment and in the \`.env\`. [observability.md](observability.md) says what is traced and counted.

| variable | what it is |
|---|---|
${standard.map(({ name, description, example, secretsIn }) => `| ${code(name)} | ${description}. ${secretsIn === undefined ? `Example: ${code(example)}.` : "May hold a secret."} |`).join("\n")}

## Providers

\`FASTMCP_SERVER_AUTH\` names one, by its class path (\`.\` or \`:\` before the class) or by its short name in any case; a module of your own as \`./auth.js#MyProvider\`; or \`none\` for a server that is open to everyone.

| provider | class path | short name |
|---|---|---|
${list.join("\n")}

${providers.map((provider) => `### [${provider.title}](${pages.get(provider.classPath)})\n\n${tableOf(provider)}`).join("\n\n")}
`;
}

/** @param {DocumentedProvider} provider */
function describeProvider(provider) {
  const example = Object.entries(provider.fields)
    .map(([name, { example: value, secret }]) => ({ variable: variableOf(provider.prefix, name), value, secret }))
    .filter(({ variable }) => provider.needed.has(variable))
    .map(({ variable, value, secret }) => `${variable}=${secret ? "…" : value}`);
  return ["```sh", `FASTMCP_SERVER_AUTH=${provider.classPath}`, ...example, "```", "", tableOf(provider)].join("\n");
}

/** @param {DocumentedFamily & { needed?: ReadonlySet<string> }} family */
function tableOf({ prefix, fields, needed }) {
  const rows = Object.entries(fields).map(([name, field]) => {
    const variable = variableOf(prefix, name);
    const presence = needed?.has(variable)
      ? `**required**${isAlways(name, field) ? "" : ", or another in its place"}`
      : defaultOf(field);
    return `| ${code(variable)} | ${presence} | ${meaningOf(field)} |`;
  });
  return ["| variable | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

/**
 * Whether nothing takes the place of a needed variable. A client secret has none but for a public application.
 *
 * @param {string} name
 * @param {DocumentedField} field
 */
function isAlways(name, { presence }) {
  return presence === "required" || name === "clientSecret";
}

/** @param {DocumentedField} field */
function defaultOf({ default: value }) {
  const spelled = value === undefined ? "" : spell(value);
  return spelled === "" ? "" : code(spelled);
}

/** @param {DocumentedField} field */
function meaningOf({ description, example, where, alias, secret }) {
  return cell(
    [
      `${description}.`,
      ...(secret ? ["A secret."] : []),
      // "the long random string that the dashboard shows" shows nobody how it is written.
      ...(secret && /^(?:the|a) /.test(example) ? [] : [`Example: ${code(example)}.`]),
      ...(where === undefined ? [] : [`Where: ${where}.`]),
      ...(alias === undefined ? [] : [`Also read from ${code(alias)}.`]),
    ].join(" "),
  );
}

/** @param {unknown} value */
function spell(value) {
  if (value instanceof URL) {
    return value.href;
  }
  if (Array.isArray(value)) {
    return value.join(" ");
  }
  return String(value);
}

/**
 * @param {string} prefix
 * @param {string} field
 */
function variableOf(prefix, field) {
  return `${prefix}${field.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()}`;
}

/** @param {string} text */
function code(text) {
  return text.includes("`") ? text : `\`${text}\``;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
