/** The outcome of reading something that a person typed: the value, or a sentence that says what to type instead. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The outcome for a good value. */
export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The outcome for a bad one. @param problem a sentence that says what to type instead. */
export function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** True for text that holds a control character, a line break among them: it could add lines to a file. */
export function hasControlCharacter(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}

/** True for the host names that never leave the machine (RFC 6761 section 6.3, RFC 8252 section 8.3). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
