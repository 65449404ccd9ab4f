import { expect, it } from "vitest";
import { CLIENT_KINDS } from "../../support/clients.ts";
import { startKeycloak } from "./keycloak/start.ts";
import { createBrowser } from "./support/browser-login.ts";
import { logInWithSdk } from "./support/session.ts";
import { testProvider } from "./support/suite.ts";
import { callTool } from "./support/tool-call.ts";

testProvider(new URL("keycloak/cells.json", import.meta.url), startKeycloak, {
  KeycloakAuthProvider(deployment) {
    it.each(CLIENT_KINDS)("lets the official SDK in as docs/providers/keycloak.md sets it up: %s", async (kind) => {
      const { provider, url } = deployment();
      const { accessToken } = await logInWithSdk(provider, url, "alice", createBrowser(), kind);
      const { scopes } = JSON.parse(await callTool(url, accessToken)) as { scopes: string[] };
      expect(scopes).toContain("weather:read");
    });

    it("shows tools the roles that the page maps to its scope, and lets users without them in", async () => {
      const { provider, url } = deployment();
      const rolesOf = async (username: string) => {
        const { accessToken } = await logInWithSdk(provider, url, username);
        return (JSON.parse(await callTool(url, accessToken)) as { roles?: string[] }).roles;
      };
      expect(await rolesOf("alice")).toContain("editor");
      expect(await rolesOf("bob")).not.toContain("editor");
    });
  },
});
