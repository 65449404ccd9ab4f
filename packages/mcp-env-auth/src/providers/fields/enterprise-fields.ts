import { InvalidValue } from "../../env/field.ts";
import { stringList } from "../../env/list-fields.ts";
import { stringRecord } from "../../env/record-field.ts";
import type { ConfigProblem } from "../../errors.ts";
import { isLoopback, parseUrl } from "../../lib/url.ts";
import type { SettingNames } from "../declaration.ts";

/** The settings of a server into which enterprises let their users by assertion, without a login. */
export const enterpriseFields = {
  trustedAssertionIssuers: stringList({
    description:
      "Issuers of enterprises whose identity provider may let its users in by assertion (ID-JAG), spelled exactly as in their tokens. Default: none",
    example: '["https://acme.okta.com"]',
    where: "issuer in the enterprise's OpenID Connect discovery document",
    item: checkIssuer,
  }),
  assertionIssuerOrganizations: stringRecord({
    description: "The organization (tenant) that the users of each of these issuers belong to",
    example: '{"https://acme.okta.com":"org_9ybsU1dN2dKfDkBi"}',
  }),
  assertionPublicClients: stringList({
    description:
      "Hosts whose clients may bring such an assertion without credentials of their own, if their metadata document says none; left out, no client may",
    example: '["claude.ai"]',
    item: checkHost,
  }),
};

interface EnterpriseSettings {
  readonly trustedAssertionIssuers?: readonly string[];
  readonly assertionIssuerOrganizations?: Readonly<Record<string, string>>;
  readonly assertionPublicClients?: readonly string[];
  readonly organization?: string;
  readonly allowedOrganizations?: readonly string[];
}

/** What is wrong with the settings together. */
export function checkEnterprise(settings: EnterpriseSettings, { nameOf }: SettingNames): readonly ConfigProblem[] {
  const { trustedAssertionIssuers: issuers = [], assertionIssuerOrganizations: organizations = {} } = settings;
  const variable = nameOf("assertionIssuerOrganizations");
  const allowed = settings.organization === undefined ? settings.allowedOrganizations : [settings.organization];
  const problems: ConfigProblem[] = [];
  if (issuers.length === 0 && (settings.assertionPublicClients ?? []).length > 0) {
    const message = `needs ${nameOf("trustedAssertionIssuers")}, which names the enterprises whose assertions count.`;
    problems.push({ variable: nameOf("assertionPublicClients"), message });
  }
  for (const issuer of Object.keys(organizations).filter((issuer) => !issuers.includes(issuer))) {
    const message = `names ${issuer}, which ${nameOf("trustedAssertionIssuers")} does not: write it the same in both.`;
    problems.push({ variable, message });
  }
  if (allowed === undefined) {
    return problems;
  }
  for (const issuer of issuers) {
    const organization = Object.hasOwn(organizations, issuer) ? organizations[issuer] : undefined;
    if (organization !== undefined && allowed.includes(organization)) {
      continue;
    }
    const message = `must say which of the allowed organizations the users of ${issuer} belong to, spelled as there: this server is for organizations.`;
    problems.push({ variable, message });
  }
  return problems;
}

function checkHost(item: string): string {
  const host = item.toLowerCase();
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(host)) {
    return host;
  }
  throw new InvalidValue("An item is not one host, such as claude.ai. Leave out https://, the path and wildcards.");
}

function checkIssuer(item: string): string {
  const url = parseUrl(item);
  const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === undefined || !secure || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new InvalidValue("An item is no issuer: an https address, without a query.");
  }
  return item;
}
