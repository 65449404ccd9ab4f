import { describe, expect, it, onTestFinished } from "vitest";
import { listenForRedirect } from "./redirect-listener.ts";

async function listen(timeout?: number) {
  const listener = await listenForRedirect(timeout);
  onTestFinished(() => listener.close());
  return listener;
}

describe("the callback listener", () => {
  it("takes the redirect of the login that is under way, once", async () => {
    const listener = await listen();
    const redirect = listener.waitFor("s1");
    const answer = await fetch(`${listener.redirectUrl}?code=c&state=s1&iss=https%3A%2F%2Fas.test`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(await redirect)).toEqual({ code: "c", state: "s1", iss: "https://as.test" });
    expect((await fetch(`${listener.redirectUrl}?code=c&state=s1`)).status).toBe(404);
  });

  it("takes no redirect with another state, or none, and shows nothing of it", async () => {
    const listener = await listen();
    const redirect = listener.waitFor("s1");
    for (const query of ["code=evil&state=s2", "code=evil", "error=access_denied&error_description=evil"]) {
      const answer = await fetch(`${listener.redirectUrl}?${query}`);
      expect(answer.status).toBe(404);
      expect(await answer.text()).not.toContain("evil");
    }
    await fetch(`${listener.redirectUrl}?code=good&state=s1`);
    expect((await redirect).get("code")).toBe("good");
  });

  it("gives up when nobody logs in", async () => {
    const listener = await listen(1);
    await expect(listener.waitFor("s1")).rejects.toThrow("Nobody logged in.");
  });
});
