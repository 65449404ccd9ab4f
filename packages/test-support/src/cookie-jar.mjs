/**
 * @typedef {object} Cookie
 * @property {string} name
 * @property {string} value
 * @property {string} host Cookies without `Domain`, the only kind kept, go back to this host, on any port.
 * @property {string} path
 * @property {boolean} secure
 * @property {boolean} httpOnly
 * @property {"Strict" | "Lax" | "None"} sameSite
 * @property {number} expiresAt Milliseconds since the Unix epoch.
 */

/** The cookies of one browser, by the rules of RFC 6265bis that matter for host-only cookies. */
export class CookieJar {
  /** @type {Map<string, Cookie>} */
  #cookies = new Map();
  #trustsLoopback;

  /**
   * @param {{ trustsLoopback?: boolean }} [options] `trustsLoopback`: whether `Secure` cookies work on http at
   * 127.0.0.1 and localhost, as in Chrome and Firefox. Default: no, as in Safari.
   */
  constructor({ trustsLoopback = false } = {}) {
    this.#trustsLoopback = trustsLoopback;
  }

  /** Every cookie that has not ended. */
  all() {
    return [...this.#cookies.values()].filter((cookie) => cookie.expiresAt > Date.now());
  }

  /** Forgets everything, as a browser at the end of a private window. */
  clear() {
    this.#cookies.clear();
  }

  /**
   * Takes in the `Set-Cookie` headers of an answer.
   *
   * @param {URL} url
   * @param {readonly string[]} headers
   */
  store(url, headers) {
    for (const header of headers) {
      const cookie = parse(url, header);
      if (cookie === undefined || !acceptable(this.#isTrustworthy(url), cookie)) {
        continue;
      }
      this.#cookies.set(`${cookie.host} ${cookie.path} ${cookie.name}`, cookie);
    }
  }

  /**
   * The `Cookie` header of a navigation.
   *
   * @param {URL} url
   * @param {{ method: string, initiator: URL | undefined }} navigation `initiator`: the page that leads there, if any.
   */
  header(url, { method, initiator }) {
    const crossSite = initiator !== undefined && initiator.hostname !== url.hostname;
    return this.all()
      .filter(
        ({ host, path, secure, sameSite }) =>
          host === url.hostname &&
          (url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`)) &&
          (!secure || this.#isTrustworthy(url)) &&
          (!crossSite || sameSite === "None" || (sameSite === "Lax" && method === "GET")),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  /** @param {URL} url */
  #isTrustworthy({ protocol, hostname }) {
    return protocol === "https:" || (this.#trustsLoopback && ["127.0.0.1", "localhost"].includes(hostname));
  }
}

/**
 * @param {URL} url
 * @param {string} header
 * @returns {Cookie | undefined}
 */
function parse(url, header) {
  const [pair = "", ...attributes] = header.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  const given = new Map(
    attributes.map((attribute) => {
      const [name = "", ...value] = attribute.split("=");
      return [name.toLowerCase(), value.join("=")];
    }),
  );
  if (equals < 1 || given.has("domain")) {
    return undefined;
  }
  const path = given.get("path") ?? "";
  const maxAge = given.get("max-age");
  const expires = given.get("expires");
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    host: url.hostname,
    path: path.startsWith("/") ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf("/"))),
    secure: given.has("secure"),
    httpOnly: given.has("httponly"),
    sameSite: sameSite(given.get("samesite")),
    expiresAt:
      maxAge !== undefined
        ? Date.now() + Number(maxAge) * 1000
        : expires !== undefined
          ? Date.parse(expires)
          : Number.POSITIVE_INFINITY,
  };
}

/** @param {string} [attribute] */
function sameSite(attribute = "") {
  return /^strict$/i.test(attribute) ? "Strict" : /^none$/i.test(attribute) ? "None" : "Lax";
}

/**
 * RFC 6265bis section 5.7: what a browser refuses to keep.
 *
 * @param {boolean} trustworthy
 * @param {Cookie} cookie
 */
function acceptable(trustworthy, { name, path, secure, sameSite }) {
  if (secure && !trustworthy) {
    return false;
  }
  if (/^__secure-/i.test(name) && !secure) {
    return false;
  }
  if (/^__host-/i.test(name) && (!secure || path !== "/")) {
    return false;
  }
  return sameSite !== "None" || secure;
}
