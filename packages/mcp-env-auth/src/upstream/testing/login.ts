/** Logs `username` in at dev-auth0, as a browser sent to `url` would. @returns the parameters of the callback. */
export async function logIn(url: URL, username: string): Promise<URLSearchParams> {
  const page = await follow(url, {});
  const answer = await follow(new URL("/u/login", url), {
    method: "POST",
    body: new URLSearchParams({ state: page.searchParams.get("state") ?? "", username }),
  });
  return answer.searchParams;
}

async function follow(url: URL, init: RequestInit): Promise<URL> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  const location = response.headers.get("location");
  if (location === null) {
    throw new Error(`${url.pathname} did not redirect: ${response.status} ${await response.text()}`);
  }
  return new URL(location, url);
}
