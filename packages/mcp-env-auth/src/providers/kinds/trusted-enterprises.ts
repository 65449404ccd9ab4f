import type { Enterprise } from "../../proxy/options.ts";
import { createIdJagVerifier } from "../../upstream/id-jag.ts";
import type { AuthProviderContext } from "../auth-provider.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

/** The enterprises that `settings` trust; `undefined` where there are none. */
export function enterpriseOf(
  settings: ProxySettings & ProxyDeclaration,
  { clock, logger }: AuthProviderContext,
): Enterprise | undefined {
  const { trustedAssertionIssuers: issuers = [], assertionIssuerOrganizations: organizations = {} } = settings;
  if (issuers.length === 0) {
    return undefined;
  }
  return {
    verify: createIdJagVerifier({
      issuers,
      variable: settings.nameOf("trustedAssertionIssuers"),
      timeout: settings.timeoutSeconds,
      clock,
      logger,
    }),
    publicClientHosts: settings.assertionPublicClients ?? [],
    organizationOf: (issuer) => (Object.hasOwn(organizations, issuer) ? organizations[issuer] : undefined),
  };
}
