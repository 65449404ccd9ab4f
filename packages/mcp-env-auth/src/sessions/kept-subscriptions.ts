import type { Clock } from "../lib/clock.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import type { GuardStore } from "../store/guard-store.ts";
import type { Sealer } from "./session-id.ts";
import type { Session } from "./sessions.ts";

/** What a session is subscribed to while it has no stream: its client opens another one, and knows of no loss. */
export interface KeptSubscriptions {
  /** The URIs, as the client spells them. @throws GuardStoreUnavailable */
  load(session: Session): Promise<readonly string[]>;
  /** Keeps them until the session is over. @throws GuardStoreUnavailable */
  save(session: Session, uris: readonly string[]): Promise<void>;
}

export interface KeptSubscriptionsOptions {
  readonly store: Pick<GuardStore, "get" | "set" | "release">;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** Keeps them in the guard store, under a hash and sealed for that. */
export function createKeptSubscriptions({ store, sealer, clock }: KeptSubscriptionsOptions): KeptSubscriptions {
  return {
    async load({ key }) {
      const id = idOf(key);
      const sealed = await store.get("setting", id);
      const opened = sealed === undefined ? undefined : await sealer.open("reply", sealed);
      const [meant, uris = []] = opened === undefined ? [] : parse(opened.payload);
      return meant === id ? uris : [];
    },

    async save({ key, user, expiresAt }, uris) {
      const id = idOf(key);
      if (uris.length === 0) {
        await store.release("setting", id);
        return;
      }
      const sealed = await sealer.seal("reply", Buffer.from(JSON.stringify([id, uris]), "utf8"));
      await store.set("setting", id, sealed, expiresAt - clock(), user);
    },
  };
}

function idOf(key: string): string {
  return sha256Base64url(JSON.stringify(["subscriptions", key]));
}

function parse(payload: Uint8Array): [string?, string[]?] {
  return JSON.parse(Buffer.from(payload).toString("utf8")) as [string, string[]];
}
