// Writes docs/environment.md, the variables into docs/providers/*.md, the checks of doctor into docs/cli.md, and the
// JSON Schema of policies, from the build; and from the list of providers what names and exports them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { policyJsonSchema, SCHEMA_FILE } from "../packages/mcp-env-auth/dist/authorization/policy-schema.js";
import { checks } from "../packages/mcp-env-auth/dist/cli/doctor/checks.js";
import { builtInProviders } from "../packages/mcp-env-auth/dist/configuration/built-in-providers.js";
import { createEnvironment } from "../packages/mcp-env-auth/dist/env/environment.js";
import { SERVER_PREFIX, serverFields } from "../packages/mcp-env-auth/dist/env/server-settings.js";
import { standardVariables } from "../packages/mcp-env-auth/dist/env/standard-variables.js";
import {
  describeEnvironment,
  documentProvider,
  providerOf,
  updateCommandPage,
  updateProviderPage,
} from "./support/documentation.mjs";
import { listProviders, updateCatalog, updateExports } from "./support/provider-files.mjs";

const docs = fileURLToPath(new URL("../docs/", import.meta.url));
const providers = builtInProviders.map((provider) => documentProvider(provider, createEnvironment));
const pages = new Map();

for (const name of readdirSync(`${docs}providers`)) {
  const path = `${docs}providers/${name}`;
  const page = readFileSync(path, "utf8");
  pages.set(providerOf(page), `providers/${name}`);
  writeFileSync(path, updateProviderPage(page, providers));
}

const server = { title: "The server", prefix: SERVER_PREFIX, fields: serverFields };
writeFileSync(`${docs}environment.md`, describeEnvironment(server, standardVariables, providers, pages));
writeFileSync(`${docs}cli.md`, updateCommandPage(readFileSync(`${docs}cli.md`, "utf8"), checks));
writeFileSync(new URL(`../packages/mcp-env-auth/${SCHEMA_FILE}`, import.meta.url), policyJsonSchema());

const src = fileURLToPath(new URL("../packages/mcp-env-auth/src/", import.meta.url));
const read = (/** @type {string} */ name) => readFileSync(`${src}${name}`, "utf8");
const listed = listProviders(builtInProviders, read("configuration/built-in-providers.ts"));
const catalog = "configuration/provider-catalog.ts";
const entry = "providers/entry.ts";
writeFileSync(`${src}${catalog}`, updateCatalog(read(catalog), listed));
writeFileSync(`${src}${entry}`, updateExports(read(entry), listed, read("index.ts")));
console.log(
  `Wrote ${SCHEMA_FILE}, docs/environment.md, docs/cli.md, ${pages.size} pages about providers, ${catalog} and ${entry}.`,
);
