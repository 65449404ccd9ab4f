import type { Parameters } from "./parameters.ts";

/** Says that the form had boxes: one that was shown without them left nothing to choose. */
export const CHOICE_FIELD = "choice";

/** The name of the box for the scope at `index` of the sealed request. */
export function scopeField(index: number): string {
  return `scope-${index}`;
}

/**
 * What the user approved of the scopes that were asked for. A form can only take away from the sealed request, and
 * never a fixed scope: whatever else it has is ignored.
 */
export function chosenScopes(
  asked: readonly string[],
  fixedScopes: readonly string[],
  form: Parameters,
): readonly string[] {
  if (form.get(CHOICE_FIELD) === undefined) {
    return asked;
  }
  return asked.filter((scope, index) => fixedScopes.includes(scope) || form.get(scopeField(index)) !== undefined);
}
