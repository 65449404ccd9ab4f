// A file of its own: the build puts it in the place of a package.

/**
 * Stands in for `license.js` in the engine's bundle. That package is GPL-3.0 and cannot be part of ours; templates
 * bring a licence of their own.
 */
export function availableLicenses(): string[] {
  return [];
}

/** The engine writes no LICENSE file when this throws. */
export function makeLicenseSync(): never {
  throw new Error("templates bring their own licence");
}
