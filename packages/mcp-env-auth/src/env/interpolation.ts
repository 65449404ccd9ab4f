const REFERENCE = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in `value`; an unknown name without a default becomes nothing. `$NAME`
 * stays as it is. The result is not looked at again.
 */
export function interpolate(value: string, lookup: (name: string) => string | undefined): string {
  return value.replace(
    REFERENCE,
    (_match, name: string, fallback: string | undefined) => lookup(name) ?? fallback ?? "",
  );
}
