import { expect, it } from "vitest";
import { refreshTokenHint } from "./refresh-token-hint.ts";

const advice = { noRefreshToken: "Turn on refresh tokens." };
const hint = (login: Parameters<typeof refreshTokenHint>[0]) =>
  refreshTokenHint(login, { variables: { offlineAccess: "OFFLINE_ACCESS" } as never, advice });

it.each([
  [
    "off",
    undefined,
    "OFFLINE_ACCESS is off, so the login did not ask for offline_access. If the provider needs that scope, set OFFLINE_ACCESS=scope. Turn on refresh tokens.",
  ],
  [
    undefined,
    undefined,
    "The login did not ask for offline_access, because the provider does not list that scope. If the provider knows it, set OFFLINE_ACCESS=scope. Turn on refresh tokens.",
  ],
  [
    "scope",
    undefined,
    "The login asked for offline_access. Turn on refresh tokens. If that is so already, the provider may want prompt=consent: set OFFLINE_ACCESS=consent.",
  ],
  [
    "scope",
    "openid",
    "The login asked for offline_access, and the provider did not grant it. Turn on refresh tokens. If that is so already, the provider may want prompt=consent: set OFFLINE_ACCESS=consent.",
  ],
  ["consent", undefined, "The login asked for offline_access with prompt=consent. Turn on refresh tokens."],
] as const)("distinguishes why there is no refresh token: %s, granted %s", (mode, granted, expected) => {
  expect(hint({ mode, granted })).toBe(expected);
});
