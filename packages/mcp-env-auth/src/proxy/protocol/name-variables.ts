/** Variables for a sentence, such as `A, B and C`. Some providers have no use for some of them. */
export function nameVariables(...names: readonly (string | undefined)[]): string {
  const known = [...new Set(names.filter((name) => name !== undefined))];
  const last = known.pop() ?? "";
  return known.length === 0 ? last : `${known.join(", ")} and ${last}`;
}
