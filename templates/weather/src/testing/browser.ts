/**
 * Goes through a login as a person would: allows what is asked, logs in as `username` where asked who to be, and
 * follows every redirect, at last the one back to the client.
 *
 * @returns What the last page says.
 */
export async function logIn(url: URL, username: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = url;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step++) {
    const response = await fetch(at, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: {
        Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form !== undefined && { Origin: at.origin }),
      },
      ...(form !== undefined && { body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") {
        cookies.delete(name);
      } else {
        cookies.set(name, value);
      }
    }
    const page = await response.text();
    const location = response.headers.get("location");
    const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1];
    if (location === null && action === undefined) {
      return page;
    }
    form = location === null ? fillIn(page, username) : undefined;
    at = new URL(location ?? (action as string), at);
  }
  throw new Error(`The login that began at ${url.origin} does not end.`);
}

/** The form as it is shown, hidden fields and checked boxes included, and the button that carries the login on. */
function fillIn(page: string, username: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1];
    const isChecked = attribute("type") === "checkbox" && /\schecked\b/.test(input);
    if (attribute("type") === "hidden" || isChecked) {
      form.set(attribute("name") ?? "", attribute("value") ?? "on");
    }
  }
  if (page.includes('name="username"')) {
    form.set("username", username);
  } else if (page.includes('name="action"')) {
    form.set("action", "accept");
  } else {
    form.set("decision", "allow");
  }
  return form;
}
