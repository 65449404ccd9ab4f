import { Browser, findButton, type Page } from "test-support/browser";
import type { IdentityProvider } from "./identity-provider.ts";

type Form = Page["forms"][number];

/** Chrome or Firefox, to which this machine is a secure context: Keycloak's cookies are `Secure` here as well. */
export const createBrowser = () => new Browser({ trustsLoopback: true });

/** Logs a user in wherever `url` leads: at one of our consent pages, at the provider, and back to `redirectUri`. */
export async function logInAt(
  provider: IdentityProvider,
  url: string | URL,
  username: string,
  redirectUri: string | URL,
  browser = createBrowser(),
): Promise<URL> {
  const { origin, pathname } = new URL(redirectUri);
  const isCallback = (to: URL) => to.origin === origin && to.pathname === pathname;
  let at = await browser.open(url, isCallback);
  for (let pages = 0; pages < 8; pages++) {
    if (at instanceof URL) {
      return at;
    }
    if (at.url.origin === new URL(provider.issuer).origin || at.forms.some(isLoginForm)) {
      at = await provider.logIn(browser, at, username, isCallback);
    } else {
      const { form, button } = findButton(at, username);
      at = await browser.press(at, form, button, isCallback);
    }
  }
  throw new Error("The login asks for more than consent and a password");
}

/** Fills in a provider's form for a name and a password, or agrees to what its page asks for, and sends that. */
export function submitPage(
  browser: Browser,
  page: Page,
  user: { readonly username: string; readonly password: string },
  isCallback: (url: URL) => boolean,
): Promise<Page | URL> {
  const login = page.forms.find(isLoginForm);
  if (login !== undefined) {
    const fields = new Map(login.fields);
    for (const name of login.fields.keys()) {
      if (/^(username|login|email)$/i.test(name)) {
        fields.set(name, user.username);
      }
      if (/^password$/i.test(name)) {
        fields.set(name, user.password);
      }
    }
    return browser.press(page, { ...login, fields }, buttonOf(login), isCallback);
  }
  const agreed = page.forms
    .flatMap((form) => form.buttons.map((button) => ({ form, button })))
    .find(({ button }) => /^(allow|approve|accept|continue|yes|submit consent)\b/i.test(button.label));
  if (agreed === undefined) {
    const { url, status, text } = page;
    throw new Error(`No way on from ${url.origin}${url.pathname} (${status}): ${text.slice(0, 500)}`);
  }
  return browser.press(page, agreed.form, agreed.button, isCallback);
}

function isLoginForm(form: Form): boolean {
  return [...form.fields.keys()].some((name) => /^password$/i.test(name));
}

function buttonOf(form: Form): Form["buttons"][number] {
  return form.buttons[0] ?? { label: "", name: undefined, value: "" };
}
