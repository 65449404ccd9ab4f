import { isLoopback, parseUrl, percentDecoded } from "../lib/url.ts";
import {
  defineField,
  type Field,
  type FieldDetails,
  InvalidValue,
  type PlainHttpException,
  type PresenceOf,
} from "./field.ts";

export interface HttpUrlRules {
  /** `http:` only on a loopback host: what travels there, or is decided by it, must not be tampered with. */
  readonly secure?: true;
  /** With `secure`: or `http:` on hosts that another setting of the provider names. */
  readonly mayBePlain?: true;
  /** No query: paths are appended to it. A fragment is never allowed. */
  readonly base?: true;
  /** A bare host stands for its https URL. */
  readonly assumeHttps?: true;
}

/** An http or https URL in its normal form: trimmed, host in lower case, no default port, `/` for an empty path. */
export function httpUrl<const D extends FieldDetails<URL> & HttpUrlRules>(
  details: D,
  exception?: PlainHttpException,
): Field<URL, string | URL, PresenceOf<D>> {
  const parse = (input: string) => checkRules(parseHttpUrl(withScheme(input, details)), details, exception);
  const field = defineField<URL, string | URL, D>(
    {
      expected: details.secure ? "an https URL (http only for localhost)" : "an http or https URL",
      parse,
      convert(input: unknown) {
        if (!(input instanceof URL)) {
          throw new InvalidValue(`A ${typeof input} is none.`);
        }
        return parse(input.href);
      },
    },
    details,
  );
  return details.mayBePlain ? { ...field, onPlainHttpHosts: (named) => httpUrl(details, named) } : field;
}

function withScheme(input: string, { assumeHttps }: HttpUrlRules): string {
  const text = input.trim();
  return assumeHttps && text !== "" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? `https://${text}` : text;
}

function parseHttpUrl(input: string): URL {
  const text = input.trim();
  if (text === "") {
    throw new InvalidValue("It is empty.");
  }
  if (/\s/.test(text)) {
    throw new InvalidValue("It holds a space or a line break.");
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text) || /^[^/:]+:\d/.test(text)) {
    throw new InvalidValue("It has no https:// in front.");
  }
  if (!/^https?:/i.test(text)) {
    throw new InvalidValue("Its scheme is neither https nor http.");
  }
  const url = parseUrl(text);
  if (url === undefined) {
    throw new InvalidValue("It has no valid host and port.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidValue("It holds a user name or password.");
  }
  return url;
}

function checkRules(url: URL, { secure, base }: HttpUrlRules, exception: PlainHttpException | undefined): URL {
  const isPlain = url.protocol === "http:" && !isLoopback(url.hostname) && !exception?.hosts.includes(url.host);
  if (secure && isPlain) {
    const otherwise =
      exception === undefined
        ? ""
        : ` If ${url.host} is inside a network where nobody else can listen or interfere, name it in ${exception.variable}.`;
    throw new InvalidValue(`It uses http on a host that is not this machine; use https.${otherwise}`);
  }
  if (url.href.includes("#")) {
    throw new InvalidValue("It has a fragment (#…).");
  }
  if (base && url.href.includes("?")) {
    throw new InvalidValue("It has a query (?…).");
  }
  return url;
}

const STORAGE_SCHEMES: ReadonlySet<string> = new Set(["memory:", "redis:", "rediss:"]);

/** Where the guard store is: `memory://`, `redis://…` or `rediss://…`. A secret, since it may hold a password. */
export function storageUrl<const D extends FieldDetails<string>>(details: D): Field<string, string, PresenceOf<D>> {
  return defineField(
    {
      expected: "memory://, or a redis:// or rediss:// URL",
      parse(input: string) {
        const value = input.trim();
        if (value === "") {
          throw new InvalidValue("It is empty.");
        }
        const url = parseUrl(value);
        if (url === undefined) {
          throw new InvalidValue("It is not a URL; escape special characters of a password as %XX.");
        }
        if (!STORAGE_SCHEMES.has(url.protocol)) {
          throw new InvalidValue("Its scheme is another one.");
        }
        if (url.protocol !== "memory:" && url.hostname === "") {
          throw new InvalidValue("It names no host.");
        }
        return value;
      },
      secretsIn: storageSecrets,
    },
    details,
  );
}

function storageSecrets(value: string): string[] {
  const { protocol, password } = new URL(value);
  if (protocol === "memory:") {
    return [];
  }
  return password === "" ? [value] : [value, password, percentDecoded(password) ?? password];
}
