import type { AccessToken } from "../access-token.ts";
import { packPayload, unpackPayload } from "../sealing/payload.ts";
import { SessionNotFound } from "../sessions/refusals.ts";
import { hashOf, MAX_SESSION_ID, type Sealer } from "../sessions/session-id.ts";

/** Whose session it is: a user of one organization, through one client. */
export type SessionOwner = Pick<AccessToken, "subject" | "clientId" | "organization">;

/** The sessions of an upstream, as clients know them. */
export interface UpstreamSessions {
  /**
   * What stands for the upstream's session `id`, for its owner alone: visible ASCII (MCP 2025-11-25, Streamable HTTP,
   * Session Management). `undefined` for an id that the protocol does not allow, or that is longer than 1,000
   * characters.
   */
  seal(id: string, owner: SessionOwner | undefined): Promise<string | undefined>;
  /** The upstream's id. @throws SessionNotFound for whatever is not a session of this owner's. */
  open(sealed: string, owner: SessionOwner | undefined): Promise<string>;
}

/** Visible ASCII. Of more characters, the sealed id would be longer than ours may be. */
const SESSION_ID = /^[\x21-\x7e]{1,1000}$/;

/** @param sealer has keys that nobody else has: who could seal an id could enter the sessions of others. */
export function createUpstreamSessions(sealer: Sealer): UpstreamSessions {
  return {
    async seal(id, owner) {
      return SESSION_ID.test(id) ? sealer.seal("upstream session", packPayload([id, ...hashesOf(owner)])) : undefined;
    },

    async open(sealed, owner) {
      const opened = sealed.length > MAX_SESSION_ID ? undefined : await sealer.open("upstream session", sealed);
      const [id, user, client] = (opened && unpackPayload(opened.payload, { maxBytes: MAX_SESSION_ID })?.fields) ?? [];
      const [ownUser, ownClient] = hashesOf(owner);
      if (typeof id !== "string" || user !== ownUser || client !== ownClient) {
        throw new SessionNotFound();
      }
      return id;
    },
  };
}

/** A user in another organization is somebody else: what the upstream keeps in the session may be of the first. */
function hashesOf(owner: SessionOwner | undefined): readonly [user: string, client: string] {
  const { subject = "", organization = "", clientId = "" } = owner ?? {};
  return [hashOf(JSON.stringify([subject, organization])), hashOf(clientId)];
}
