// A file of its own: bundles evaluate it first, and alone.

/**
 * Gives an ES module that esbuild wrote a `require`. CommonJS packages call it for modules of Node such as `node:os`,
 * and esbuild looks for a global one; without it, the bundle stops at its first package. Bundlers alone read this, by
 * the condition `module` of package.json: no process with the package as it is gets a global.
 */
if (!("require" in globalThis)) {
  const { createRequire } = process.getBuiltinModule("node:module");
  const load = (id: string): unknown => process.getBuiltinModule(id) ?? createRequire(import.meta.url)(id);
  Object.defineProperty(globalThis, "require", { value: load, configurable: true, writable: true });
}
