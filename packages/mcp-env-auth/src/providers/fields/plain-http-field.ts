import { type AnyField, type Fields, InvalidValue } from "../../env/field.ts";
import { stringList } from "../../env/list-fields.ts";
import { parseUrl } from "../../lib/url.ts";
import type { Logger } from "../../logger.ts";

/** The setting of a provider that people run themselves, and may reach inside a network of their own. */
export function plainHttpField() {
  return {
    plainHttpHosts: stringList({
      description:
        "Hosts of the provider, with the port, that this server may reach by http://. Only inside a network where nobody else can listen or interfere, such as a cluster: secrets and keys travel unprotected",
      example: "keycloak.identity.svc:8080",
      item: checkHost,
    }),
  };
}

export type PlainHttpFields = ReturnType<typeof plainHttpField>;

/** That setting alone, where a provider has it: what it says decides how the others are read. */
export function plainHttpIn(fields: Fields): PlainHttpFields | undefined {
  return Object.hasOwn(fields, "plainHttpHosts") ? plainHttpField() : undefined;
}

interface PlainHttpSettings {
  readonly plainHttpHosts?: readonly string[];
}

/** `fields` of a provider, with addresses that may be http on `hosts`, which its setting `variable` names for that. */
export function withPlainHttp<F extends Fields>(fields: F, hosts: readonly string[], variable: string): F {
  const excepted = ([name, field]: [string, AnyField]) =>
    [name, field.onPlainHttpHosts?.({ hosts, variable }) ?? field] as const;
  return Object.fromEntries(Object.entries(fields).map(excepted)) as unknown as F;
}

/** Says at the start what can't be seen elsewhere: that secrets travel in the open. */
export function warnOfPlainHttp(
  { plainHttpHosts = [] }: PlainHttpSettings,
  nameOf: (field: string) => string,
  logger: Logger,
): void {
  if (plainHttpHosts.length > 0) {
    logger.warn(
      { event: "plain-http" },
      `${nameOf("plainHttpHosts")} allows http:// to ${plainHttpHosts.join(", ")}: in that network, anybody who can listen reads secrets and tokens, and anybody who can interfere signs tokens.`,
    );
  }
}

function checkHost(item: string): string {
  const url = /[/*@?#\s]/.test(item) ? undefined : parseUrl(`http://${item}`);
  if (url === undefined) {
    throw new InvalidValue(`\`${item}\` is not a host name. Leave out the scheme and path.`);
  }
  return url.host;
}
