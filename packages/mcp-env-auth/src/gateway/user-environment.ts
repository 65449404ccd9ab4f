import type { AccessToken } from "../access-token.ts";
import { sha256Base64url } from "../lib/secrets.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What begins the names of variables that tell a command of its user. */
const USER_PREFIX = "MCP_USER_";

/** The settings of this server, secrets among them. */
const OWN_PREFIX = /^(?:FASTMCP_|MCP_USER_)/i;

/**
 * The environment of a command: that of this process without this server's own settings, and who its user is. A NUL,
 * which no variable can hold, becomes U+FFFD.
 */
export function userEnvironment(env: Variables, token: AccessToken | undefined): Record<string, string> {
  const inherited = Object.entries(env).filter(([name, value]) => value !== undefined && !OWN_PREFIX.test(name));
  const { subject, clientId, scopes, organization, roles } = token ?? {};
  const user = {
    SUBJECT: subject,
    CLIENT: clientId,
    SCOPE: scopes?.join(" "),
    ORGANIZATION: organization,
    ROLES: roles === undefined ? undefined : JSON.stringify(roles),
  };
  const named = Object.entries(user).flatMap(([name, value]) =>
    value === undefined ? [] : [[`${USER_PREFIX}${name}`, value.replaceAll("\0", "\ufffd")]],
  );
  return Object.fromEntries([...inherited, ...named]) as Record<string, string>;
}

/** Stands for all that a command is told of its user: who differs in any of it gets another process. */
export function userKey(token: AccessToken | undefined): string {
  const { subject, clientId, scopes, organization, roles } = token ?? {};
  return sha256Base64url(JSON.stringify([subject, organization, clientId, scopes?.toSorted(), roles?.toSorted()]));
}
