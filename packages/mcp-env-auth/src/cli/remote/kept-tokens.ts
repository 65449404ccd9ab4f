import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client";
import * as z from "zod";

/** What one authorization server gave to this client. */
export interface Credentials {
  readonly client?: StoredOAuthClientInformation | undefined;
  readonly tokens?: StoredOAuthTokens | undefined;
}

/** The credentials for one MCP server, by the issuer they come from: no issuer ever sees what is another's. */
export interface KeptTokens {
  /** Without an issuer: of the last one that tokens came from. */
  read(issuer?: string): Credentials;
  write(issuer: string, credentials: Credentials): void;
  /** Forgets everything about this MCP server. */
  clear(): void;
}

const content = z.record(
  z.string(),
  z.object({
    latest: z.string(),
    issuers: z.record(
      z.string(),
      z.object({
        client: z.looseObject({ client_id: z.string() }).optional(),
        tokens: z.looseObject({ access_token: z.string(), token_type: z.string() }).optional(),
      }),
    ),
  }),
);

type Content = z.output<typeof content>;

/** Where the operating system wants programs to keep what is one user's own. */
export function credentialsPath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const home = homedir();
  const folders: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(home, "Library", "Application Support"),
    win32: env.LOCALAPPDATA || join(home, "AppData", "Local"),
  };
  const folder = folders[platform] ?? (env.XDG_STATE_HOME || join(home, ".local", "state"));
  return join(folder, "mcp-env-auth", "credentials.json");
}

/**
 * Opens the file at `path`, of mode 0600, for the MCP server at `url`. A file that can't be understood counts as empty.
 *
 * @param user who logged in without a browser; their tokens are no one else's.
 */
export function openCredentials(url: URL, path: string, user?: string): KeptTokens {
  const key = user === undefined ? url.href : `${url.href} as ${user}`;

  function load(): Content {
    try {
      return content.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch {
      return {};
    }
  }

  // Written beside it and renamed: nobody ever reads half a file, or one with another mode.
  function save(changed: Content): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomUUID()}`;
    try {
      writeFileSync(temporary, JSON.stringify(changed, null, 2), { mode: 0o600, flag: "wx" });
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  return {
    read(issuer) {
      const server = load()[key];
      return (server?.issuers[issuer ?? server.latest] ?? {}) as Credentials;
    },
    write(issuer, credentials) {
      const all = load();
      const server = all[key];
      const latest = credentials.tokens === undefined ? (server?.latest ?? issuer) : issuer;
      const issuers = { ...server?.issuers, [issuer]: credentials };
      save({ ...all, [key]: { latest, issuers } } as Content);
    },
    clear() {
      const { [key]: _, ...others } = load();
      save(others);
    },
  };
}
