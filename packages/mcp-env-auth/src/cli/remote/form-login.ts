import { isLoopback } from "../../lib/url.ts";
import type { RemoteFetch } from "./remote-fetch.ts";

const MAX_STEPS = 20;

/**
 * Goes through a login without a browser: allows what the server asks, logs in as `user` at dev-auth0, and follows
 * every redirect, at last the one back to this command.
 *
 * Everybody can be anybody at dev-auth0, and nothing else may be answered for a person: it goes to no other machine.
 *
 * @throws Error for a page on another machine, or one that is not of dev-auth0.
 */
export async function logInAs(user: string, url: URL, send: RemoteFetch): Promise<void> {
  const cookies = new Map<string, string>();
  let at = url;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MAX_STEPS; step++) {
    if (!isLoopback(at.hostname)) {
      throw new Error(
        `--as logs in at dev-auth0 on this machine, and ${at.host} is elsewhere. Leave out --as to log in with your browser.`,
      );
    }
    const jar = at.hostname;
    const response = await send(at, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: { Cookie: cookies.get(jar) ?? "", ...(form !== undefined && { Origin: at.origin }) },
      ...(form !== undefined && { body: form }),
    });
    cookies.set(jar, withCookies(cookies.get(jar) ?? "", response.headers.getSetCookie()));
    const page = await response.text();
    const location = response.headers.get("location");
    const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1];
    if (location === null && action === undefined) {
      if (at.href.startsWith(`${url.searchParams.get("redirect_uri")}?`)) {
        return;
      }
      const title = /<title>([^<]*)</.exec(page)?.[1] ?? `HTTP ${response.status}`;
      throw new Error(`The login as ${user} ended at ${at.host}: ${unescapeHtml(title)}.`);
    }
    form = location === null ? fillIn(page, user) : undefined;
    at = new URL(location ?? unescapeHtml(action ?? ""), at);
  }
  throw new Error(`The login that began at ${url.origin} does not end. Log in with your browser: leave out --as.`);
}

/** A Cookie header after these were set: by name, without attributes, as one server on this machine needs them. */
function withCookies(header: string, set: readonly string[]): string {
  const cookies = new Map(header.split("; ").flatMap((cookie) => (cookie === "" ? [] : [splitCookie(cookie)])));
  for (const cookie of set) {
    const [name, value] = splitCookie(cookie.split(";")[0] ?? "");
    if (value === "") {
      cookies.delete(name);
    } else {
      cookies.set(name, value);
    }
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function splitCookie(cookie: string): [name: string, value: string] {
  const end = cookie.indexOf("=");
  return [cookie.slice(0, end), cookie.slice(end + 1)];
}

/** The form as it is shown, hidden fields and checked boxes included, and the button that carries the login on. */
function fillIn(page: string, user: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1];
    const isChecked = attribute("type") === "checkbox" && /\schecked\b/.test(input);
    if (attribute("type") === "hidden" || isChecked) {
      form.set(unescapeHtml(attribute("name") ?? ""), unescapeHtml(attribute("value") ?? "on"));
    }
  }
  if (page.includes('name="username"')) {
    form.set("username", user);
  } else if (page.includes('name="action"')) {
    form.set("action", "accept");
  } else if (page.includes('name="decision"')) {
    form.set("decision", "allow");
  } else {
    throw new Error("The login shows a page that is not dev-auth0's. Leave out --as to log in with your browser.");
  }
  return form;
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
