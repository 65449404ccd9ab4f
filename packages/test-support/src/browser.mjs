import { CookieJar } from "./cookie-jar.mjs";
import { findForms, refreshOf, textOf, titleOf } from "./html-page.mjs";

/** @import { Button, Form } from "./html-page.mjs" */

/**
 * @typedef {object} Page
 * @property {URL} url
 * @property {number} status
 * @property {Headers} headers
 * @property {string} markup
 * @property {string} title
 * @property {string} text What a person reads.
 * @property {readonly Form[]} forms
 *
 * @typedef {object} BrowserOptions
 * @property {(page: Page) => void} [onPage] Sees every page that a person would see.
 * @property {(from: URL, to: URL) => void} [onRedirect]
 * @property {typeof globalThis.fetch} [fetch]
 * @property {boolean} [trustsLoopback] Whether `Secure` cookies work on http on this machine.
 */

const MAX_REDIRECTS = 10;

/** A browser for tests: cookies, redirects and forms as a person's browser has them, without script. */
export class Browser {
  cookies;
  #options;
  #fetch;

  /** @param {BrowserOptions} [options] */
  constructor(options = {}) {
    this.#options = options;
    this.cookies = new CookieJar(options);
    this.#fetch = options.fetch ?? fetch;
  }

  /**
   * Goes to `url` and on to wherever it redirects, until there is a page, or a redirect or refresh to a URL that
   * `until` accepts; that URL is returned and not fetched.
   *
   * @param {string | URL} url
   * @param {(url: URL) => boolean} [until]
   * @returns {Promise<Page | URL>}
   */
  open(url, until = () => false) {
    return this.#navigate(new URL(url), { method: "GET", body: undefined, initiator: undefined }, until);
  }

  /**
   * Presses a button of a form, and goes on as {@link Browser.open} does.
   *
   * @param {Page} page
   * @param {Form} form
   * @param {Button} button
   * @param {(url: URL) => boolean} [until]
   * @returns {Promise<Page | URL>}
   */
  press(page, form, button, until = () => false) {
    const fields = new URLSearchParams([...form.fields]);
    if (button.name !== undefined) {
      fields.append(button.name, button.value);
    }
    const target = new URL(form.action, page.url);
    if (form.method === "POST") {
      return this.#navigate(target, { method: "POST", body: fields, initiator: page.url }, until);
    }
    target.search = fields.toString();
    return this.#navigate(target, { method: "GET", body: undefined, initiator: page.url }, until);
  }

  /**
   * @param {URL} url
   * @param {{ method: string, body: URLSearchParams | undefined, initiator: URL | undefined }} navigation
   * @param {(url: URL) => boolean} until
   * @returns {Promise<Page | URL>}
   */
  async #navigate(url, { method, body, initiator }, until) {
    let step = { url, method, body };
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#fetch(step.url, {
        method: step.method,
        redirect: "manual",
        headers: {
          Accept: "text/html,*/*;q=0.8",
          Cookie: this.cookies.header(step.url, { method: step.method, initiator }),
          ...(step.method === "POST" && { Origin: initiator?.origin ?? "null" }),
        },
        ...(step.body && { body: step.body }),
        signal: AbortSignal.timeout(15_000),
      });
      this.cookies.store(step.url, response.headers.getSetCookie());
      const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
      if (location === null) {
        const page = await this.#page(step.url, response);
        const refresh = refreshOf(page.markup);
        return refresh !== undefined && until(refresh) ? refresh : page;
      }
      await response.body?.cancel();
      const next = new URL(location, step.url);
      this.#options.onRedirect?.(step.url, next);
      if (until(next)) {
        return next;
      }
      const keepsMethod = response.status === 307 || response.status === 308;
      step = keepsMethod ? { ...step, url: next } : { url: next, method: "GET", body: undefined };
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects from ${url.origin}${url.pathname}`);
  }

  /**
   * @param {URL} url
   * @param {Response} response
   * @returns {Promise<Page>}
   */
  async #page(url, response) {
    const markup = await response.text();
    const { status, headers } = response;
    const page = {
      url,
      status,
      headers,
      markup,
      title: titleOf(markup),
      text: textOf(markup),
      forms: findForms(markup),
    };
    this.#options.onPage?.(page);
    return page;
  }
}

/**
 * Goes through a login as a person would: agrees to what is asked for, and picks `username` where asked who to be.
 *
 * @param {Browser} browser
 * @param {string | URL} authorizationUrl
 * @param {{ redirectUri: string | URL, username: string }} options
 * @returns {Promise<URL>} The redirect to the client, with `code` or `error` in its query.
 */
export async function logIn(browser, authorizationUrl, { redirectUri, username }) {
  const { origin, pathname } = new URL(redirectUri);
  /** @param {URL} url */
  const isCallback = (url) => url.origin === origin && url.pathname === pathname;
  let at = await browser.open(authorizationUrl, isCallback);
  for (let pages = 0; pages < 5; pages++) {
    if (at instanceof URL) {
      return at;
    }
    const { form, button } = findButton(at, username);
    at = await browser.press(at, form, button, isCallback);
  }
  throw new Error("The login asks for more than consent and a user");
}

/**
 * The button that carries a login on.
 *
 * @param {Page} page
 * @param {string} username
 * @returns {{ form: Form, button: Button }}
 */
export function findButton(page, username) {
  const all = page.forms.flatMap((form) => form.buttons.map((button) => ({ form, button })));
  const chosen =
    all.find(({ button }) => button.name === "username" && button.value === username) ??
    all.find(({ button }) => /^(allow|approve|accept|continue)\b/i.test(button.label));
  if (chosen !== undefined) {
    return chosen;
  }
  const { url, status, text } = page;
  throw new Error(`No way on from ${url.origin}${url.pathname} (${status}): ${text.slice(0, 500)}`);
}
