import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  describeEnvironment,
  documentProvider,
  providerOf,
  updateProviderPage,
} from "../../../../scripts/support/documentation.mjs";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { createEnvironment } from "../env/environment.ts";
import { SERVER_PREFIX, serverFields } from "../env/server-settings.ts";
import { standardVariables } from "../env/standard-variables.ts";

const DOCS = fileURLToPath(new URL("../../../../docs/", import.meta.url));
const providers = builtInProviders.map((provider) => documentProvider(provider, createEnvironment));

/** Pages without variables of their own: the list of providers, and two ways to use one of them. */
const OTHER_PAGES = ["README.md", "hydra.md", "keycloak-proxy.md"];
const pages = readdirSync(`${DOCS}providers`)
  .filter((name) => !OTHER_PAGES.includes(name))
  .map((name) => {
    const text = readFileSync(`${DOCS}providers/${name}`, "utf8");
    return { name, text, classPath: providerOf(text) ?? "" };
  });

// What to do when one of these fails: npm run build, then node scripts/generate-docs.mjs
describe("the documentation", () => {
  it("has one page for each provider", () => {
    const documented = pages.map(({ classPath }) => classPath);
    expect(documented.sort()).toEqual(providers.map(({ classPath }) => classPath).sort());
  });

  it.each(pages)("lists the variables of the declaration in providers/$name", ({ text }) => {
    expect(text).toBe(updateProviderPage(text, providers));
  });

  it("lists every variable in environment.md", () => {
    const links = new Map(pages.map(({ classPath, name }) => [classPath, `providers/${name}`]));
    const server = { title: "The server", prefix: SERVER_PREFIX, fields: serverFields };
    expect(readFileSync(`${DOCS}environment.md`, "utf8")).toBe(
      describeEnvironment(server, standardVariables, providers, links),
    );
  });
});
