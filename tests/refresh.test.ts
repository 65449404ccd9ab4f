import { startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLIENT_KINDS, connect } from "./support/clients.ts";
import { startInProcess } from "./support/in-process.ts";

const HOUR = 3600;

/** A server and its tenant in this process, both on a clock that the test moves. */
async function startOnOneClock(rotation: boolean) {
  const time = { now: Date.now() / 1000 };
  const clock = () => time.now;
  const auth0 = await startDevAuth0({ clock, accessTokenLifetime: HOUR, refresh: { rotation } });
  onTestFinished(() => auth0.close());
  const { url } = await startInProcess({ auth0, clock });
  return { url, auth0, advance: (seconds: number) => (time.now += seconds) };
}

describe.each([
  { provider: "a provider that rotates refresh tokens", rotation: true },
  { provider: "a provider that keeps them", rotation: false },
])("with $provider", ({ rotation }) => {
  it.each(CLIENT_KINDS)(
    "one login lasts through five refreshes, each long after the one before, with %s",
    async (kind) => {
      const { url, auth0, advance } = await startOnOneClock(rotation);
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind, url, oauth });
      const refreshTokens = new Set([oauth.tokens()?.refresh_token]);
      auth0.requests.length = 0;
      for (let refresh = 1; refresh <= 5; refresh++) {
        advance(2 * HOUR);
        const result = await session.callTool("whoami");
        expect(result.content[0]?.text).toBe("auth0|alice");
        refreshTokens.add(oauth.tokens()?.refresh_token);
        expect(refreshTokens.size).toBe(refresh + 1);
      }
      expect(auth0.requests.filter(({ params }) => params.grant_type === "refresh_token")).toHaveLength(5);
      expect(oauth.logins).toBe(1);
      await session.close();
    },
  );
});
