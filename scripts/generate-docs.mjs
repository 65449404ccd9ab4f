// Writes docs/environment.md, the files of deploy/ into docs/deploy, the variables into docs/providers/*.md, the checks
// of doctor into docs/cli.md, and the JSON Schema of policies, from the build; from the list of providers what names
// and exports them; and the sources that packages have copies of.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { policyJsonSchema, SCHEMA_FILE } from "../packages/mcp-env-auth/dist/authorization/policy-file-schema.js";
import { checks } from "../packages/mcp-env-auth/dist/cli/doctor/checks.js";
import { recordedClients } from "../packages/mcp-env-auth/dist/cli/doctor/replay/recorded-clients.js";
import { stages } from "../packages/mcp-env-auth/dist/cli/doctor/replay/replay.js";
import { builtInProviders } from "../packages/mcp-env-auth/dist/configuration/built-in-providers.js";
import { createEnvironment } from "../packages/mcp-env-auth/dist/env/environment.js";
import { SERVER_PREFIX, serverFields } from "../packages/mcp-env-auth/dist/env/server-settings.js";
import { standardVariables } from "../packages/mcp-env-auth/dist/env/standard-variables.js";
import { copiedSources } from "./support/copied-sources.mjs";
import {
  describeEnvironment,
  documentProvider,
  providerOf,
  updateCommandPage,
  updateProviderPage,
  updateReplayPart,
} from "./support/documentation.mjs";
import { embedFiles } from "./support/embed-files.mjs";
import { listProviders, updateCatalog, updateExports } from "./support/provider-files.mjs";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));
const providers = builtInProviders.map((provider) => documentProvider(provider, createEnvironment));
const pages = new Map();

for (const name of readdirSync(`${docs}providers`)) {
  const path = `${docs}providers/${name}`;
  const page = readFileSync(path, "utf8");
  const classPath = providerOf(page);
  if (classPath !== undefined) {
    pages.set(classPath, `providers/${name}`);
    writeFileSync(path, updateProviderPage(page, providers));
  }
}

for (const name of readdirSync(`${docs}deploy`)) {
  const path = `${docs}deploy/${name}`;
  writeFileSync(path, embedFiles(readFileSync(path, "utf8"), new URL("../", import.meta.url)));
}

const server = { title: "The server", prefix: SERVER_PREFIX, fields: serverFields };
writeFileSync(`${docs}environment.md`, describeEnvironment(server, standardVariables, providers, pages));
const commandPage = updateCommandPage(readFileSync(`${docs}cli.md`, "utf8"), checks);
writeFileSync(`${docs}cli.md`, updateReplayPart(commandPage, stages, recordedClients));
writeFileSync(new URL(`../packages/mcp-env-auth/${SCHEMA_FILE}`, import.meta.url), policyJsonSchema());

const src = fileURLToPath(new URL("../packages/mcp-env-auth/src/", import.meta.url));
const read = (/** @type {string} */ name) => readFileSync(`${src}${name}`, "utf8");
const listed = listProviders(builtInProviders, read("configuration/built-in-providers.ts"));
const catalog = "configuration/provider-catalog.ts";
const entry = "providers/entry.ts";
writeFileSync(`${src}${catalog}`, updateCatalog(read(catalog), listed));
writeFileSync(`${src}${entry}`, updateExports(read(entry), listed, read("index.ts")));
for (const { file, text } of copiedSources) {
  writeFileSync(file, text);
}
console.log(
  `Wrote ${SCHEMA_FILE}, docs/environment.md, docs/cli.md, ${pages.size} pages about providers, ${catalog} and ${entry}.`,
);
