import { describe, expect, it } from "vitest";
import { locationOf, TestBrowser } from "../proxy/testing/mcp-client.ts";
import { AzureProvider } from "./azure.ts";
import type { DeclaredProvider } from "./declaration.ts";
import { DiscordProvider } from "./discord.ts";
import { GitHubProvider } from "./github.ts";
import { GoogleProvider } from "./google.ts";
import { OIDCProxy } from "./oidc.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET } from "./testing/stand-in.ts";

const variables = { CLIENT_ID, CLIENT_SECRET };
const TENANT = { TENANT_ID: "08541b6e-646d-43de-a0eb-834e6713d6d5", REQUIRED_SCOPES: "read" };

/** The parameters that the provider gets for a login with these. */
async function sentTo(
  provider: DeclaredProvider,
  settings: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Promise<URLSearchParams> {
  const server = await protectServer(provider, { ...variables, ...settings });
  const client = await server.register();
  const browser = new TestBrowser();
  return locationOf(await client.answer(browser, await client.openConsent(browser, parameters))).searchParams;
}

describe("what a client asks of its user's login reaches the provider as far as that understands it", () => {
  it.each([
    // AADSTS90023 for two at a time. The SDK for TypeScript sends `consent` with offline_access.
    ["Entra, one value, ours", AzureProvider, TENANT, "consent", "select_account"],
    [
      "Entra, one value, the operator's",
      AzureProvider,
      { ...TENANT, EXTRA_AUTHORIZE_PARAMS: "prompt=login" },
      "consent",
      "login",
    ],
    ["Entra, the stronger of both", AzureProvider, TENANT, "login", "login"],
    ["Entra, the stronger of several", AzureProvider, TENANT, "consent login", "login"],
    [
      "Entra, what the operator asks for",
      AzureProvider,
      { ...TENANT, EXTRA_AUTHORIZE_PARAMS: "prompt=consent" },
      "login",
      "consent",
    ],
    ["Google, with what refresh tokens need", GoogleProvider, {}, "select_account", "consent select_account"],
    ["Google, not what it answers with its own error page", GoogleProvider, {}, "login", "consent"],
    ["Discord", DiscordProvider, {}, "login consent", "consent"],
    ["Discord", DiscordProvider, {}, "select_account", null],
    ["GitHub", GitHubProvider, {}, "consent select_account", "select_account"],
    ["GitHub", GitHubProvider, {}, "consent", null],
  ] as const)("%s", async (_what, provider, settings, prompt, expected) => {
    expect((await sentTo(provider, settings, { prompt })).get("prompt")).toBe(expected);
  });

  it.each([
    ["all, where it doesn't say", undefined, "login select_account"],
    ["those that its metadata lists (Keycloak)", ["none", "login", "consent"], "login"],
  ] as const)("any OpenID provider: %s", async (_what, promptValues, expected) => {
    const standIn = await startOidcStandIn({
      claims: () => ({}),
      document: () => (promptValues === undefined ? {} : { prompt_values_supported: promptValues }),
    });
    const settings = { CONFIG_URL: standIn.configUrl, AUDIENCE: "https://weather.example.com/api" };
    const sent = await sentTo(OIDCProxy, settings, {
      prompt: "login select_account",
      login_hint: "ada@example.com",
      ui_locales: "de-CH",
      max_age: "300",
    });
    expect(Object.fromEntries(sent)).toMatchObject({
      prompt: expected,
      login_hint: "ada@example.com",
      ui_locales: "de-CH",
      max_age: "300",
    });
  });
});
