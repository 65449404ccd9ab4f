import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { JWK } from "jose";
import type { Application } from "./applications.ts";
import type { SavedEntry } from "./expiring-map.ts";
import { SigningKeys } from "./keys.ts";
import { learnScopes } from "./learned-scopes.ts";
import type { SavedRefreshTokens } from "./refresh-tokens.ts";
import type { Session, Tenant } from "./tenant.ts";

const VERSION = 1;

/** What outlives a restart: all but logins that are under way. */
interface SavedState {
  readonly version: typeof VERSION;
  readonly keys: readonly JWK[];
  readonly opaqueTokenKey: string;
  /** Those that registered or were imported. */
  readonly applications: readonly Application[];
  /** The scopes of each API, by its identifier. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
  readonly sessions: readonly SavedEntry<Session>[];
  readonly consents: readonly SavedEntry<readonly string[]>[];
  readonly refreshTokens: SavedRefreshTokens;
}

/** A file in which a tenant's logins outlive the process. It holds private keys, and has mode 0600. */
export interface StateFile {
  /** Those of an earlier run, or new ones. */
  readonly keys: SigningKeys;
  /** Gives a new tenant what the file holds. */
  restore(tenant: Tenant): void;
  /** Writes what has changed, before anybody is told of it. @throws Error when the file can't be written. */
  save(tenant: Tenant): void;
}

/** @throws Error with a sentence about a file that can't be read, or that is something else. */
export async function openStateFile(path: string): Promise<StateFile> {
  let written = readIfThere(path);
  let saved: SavedState | undefined;
  let keys: SigningKeys;
  try {
    saved = written === undefined ? undefined : parse(written);
    keys = saved === undefined ? await SigningKeys.generate() : await SigningKeys.restore(saved.keys);
  } catch (error) {
    throw new Error(`${path} is not a state file of dev-auth0. Delete it, or name another file.`, { cause: error });
  }
  return {
    keys,
    restore(tenant) {
      if (saved !== undefined) {
        restoreTenant(tenant, saved);
      }
    },
    save(tenant) {
      const text = `${JSON.stringify(stateOf(tenant))}\n`;
      if (text !== written) {
        writeWhole(path, text);
        written = text;
      }
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw new Error(`${path} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

function parse(text: string): SavedState {
  const state = JSON.parse(text) as SavedState;
  if (state.version !== VERSION) {
    throw new Error(`Version ${state.version} is unknown.`);
  }
  return state;
}

function restoreTenant(tenant: Tenant, saved: SavedState): void {
  tenant.opaqueTokenKey.set(Buffer.from(saved.opaqueTokenKey, "base64url"));
  for (const application of saved.applications) {
    if (!tenant.applications.has(application.clientId)) {
      tenant.applications.set(application.clientId, application);
    }
  }
  for (const api of tenant.apis.values()) {
    learnScopes(tenant, api, saved.scopes[api.identifier] ?? []);
  }
  tenant.sessions.restore(saved.sessions);
  tenant.consents.restore(saved.consents);
  tenant.refreshTokens.restore(saved.refreshTokens);
}

function stateOf(tenant: Tenant): SavedState {
  return {
    version: VERSION,
    keys: tenant.keys.saved(),
    opaqueTokenKey: Buffer.from(tenant.opaqueTokenKey).toString("base64url"),
    applications: [...tenant.applications.values()].filter(({ clientId }) => !tenant.configured.has(clientId)),
    scopes: Object.fromEntries([...tenant.apis].map(([identifier, { scopes }]) => [identifier, scopes])),
    sessions: tenant.sessions.saved(),
    consents: tenant.consents.saved(),
    refreshTokens: tenant.refreshTokens.saved(),
  };
}

/** Nobody ever reads half a file, or one with another mode. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
