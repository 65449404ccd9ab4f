/** The scope-token grammar of RFC 6749 section 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value);
}

/** The scopes of `needed` that `granted` lacks, in the order given. */
export function missingScopes(needed: Iterable<string>, granted: readonly string[]): string[] {
  const held = new Set(granted);
  return [...new Set(needed)].filter((scope) => !held.has(scope));
}
