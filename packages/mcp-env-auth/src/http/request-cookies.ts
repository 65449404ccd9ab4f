/** The characters that name and value may have (RFC 6265 section 4.1.1); a quoted value is left out. */
const PAIR = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([!#-+\--:<-[\]-~]*)[ \t]*$/;

/** The pairs of a `Cookie` header (RFC 6265 section 4.2.1), in order and with repeats. Invalid pairs are left out. */
export function parseCookies(header: string): readonly (readonly [name: string, value: string])[] {
  return header.split(";").flatMap((pair) => {
    const [, name, value] = PAIR.exec(pair) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}
