import { builtInProviders } from "../configuration/built-in-providers.ts";
import { unavailableProviders } from "../configuration/unavailable-providers.ts";
import type { ProviderDeclaration } from "../providers/declaration.ts";

/** Every provider whose variables are known, those included that can't be used. */
export const knownProviders: readonly { readonly title: string; readonly prefix?: string }[] = [
  ...builtInProviders.map(({ declaration }) => declaration),
  ...unavailableProviders,
];

/** Whether `variable` is one of a provider that is not the `selected` one: left over, not misspelt. */
export function isOfOtherProvider(variable: string, selected: ProviderDeclaration | undefined): boolean {
  const name = variable.toUpperCase();
  const prefixes = knownProviders.flatMap(({ prefix }) =>
    prefix !== undefined && name.startsWith(prefix) ? prefix : [],
  );
  // The longest is the owner's: one prefix may begin another.
  const owner = prefixes.reduce((longest, prefix) => (prefix.length > longest.length ? prefix : longest), "");
  return owner !== "" && owner !== selected?.prefix;
}
