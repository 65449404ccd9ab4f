// node --import: OpenTelemetry's packages are those of tests/machine/programs, whose newest line leaves out versions of
// Node.js that are supported here.
import * as nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { packageFile } from "./programs.mjs";

/** @typedef {{ parentURL?: string }} Context */
/** @typedef {(specifier: string, context: Context) => { url: string }} Resolve */
/** @typedef {{ resolve(specifier: string, context: Context, nextResolve: Resolve): { url: string } }} Hooks */

const newest = pathToFileURL(packageFile("@opentelemetry/sdk-node", "package.json")).href;

// The types are those of Node 20, which doesn't have it.
const { registerHooks } = /** @type {{ registerHooks(hooks: Hooks): void }} */ (/** @type {unknown} */ (nodeModule));

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const [, name] = /^.*\/node_modules\/(@opentelemetry\/(?:api|sdk-node))\//.exec(resolved.url) ?? [];
    const isWithin = context.parentURL?.includes("/node_modules/@opentelemetry/") === true;
    return name === undefined || isWithin ? resolved : nextResolve(name, { ...context, parentURL: newest });
  },
});
