import type { Configuration } from "../../configuration/load-configuration.ts";
import { variableName } from "../../env/field.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../logger.ts";
import type { Authentication, AuthProvider, AuthProviderContext } from "../../providers/auth-provider.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import {
  locateProtectedResourceMetadata,
  type MetadataLocation,
} from "../../resource-server/protected-resource-metadata.ts";
import type { GuardStore } from "../../store/guard-store.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { idleContext } from "../idle-context.ts";

/** A configured provider with all that the checks need to know of it. */
export interface Subject {
  readonly provider: AuthProvider;
  /** `undefined` for a provider that a module exports ready made. */
  readonly declaration: ProviderDeclaration | undefined;
  readonly settings: Configuration["settings"];
  readonly context: AuthProviderContext;
  /** As a server would be protected. Not started: it reaches for nothing. */
  readonly authentication: Authentication;
  /** Where its resource metadata is served; what it says of scopes depends on the server's code. */
  readonly metadata: MetadataLocation | undefined;
  /** What was logged so far, oldest first, as a start would. */
  readonly log: readonly LogLine[];
  /** The variable of a setting, for messages. */
  nameOf(field: string): string;
}

/** A line that a start would log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface SubjectOptions {
  readonly configuration: Configuration & { readonly provider: AuthProvider };
  readonly declaration: ProviderDeclaration | undefined;
  readonly clock: Clock;
  /** Default: an empty one in memory. */
  readonly store?: GuardStore;
}

/** @throws ConfigError for settings that only show to be wrong together. */
export async function createSubject({ configuration, declaration, clock, store }: SubjectOptions): Promise<Subject> {
  const { settings, provider } = configuration;
  const log: LogLine[] = [];
  const guardStore = store ?? unusedStore(settings, clock);
  const context = idleContext(settings, { clock, logger: collectInto(log), store: guardStore });
  const authentication = await provider.authenticate(context);
  return {
    provider,
    declaration,
    settings,
    context,
    authentication,
    metadata: locateProtectedResourceMetadata(
      { ...authentication, loginScopes: authentication.scopesSupported ?? authentication.requiredScopes },
      context,
    ),
    log,
    nameOf: (field) => (declaration === undefined ? field : variableName(declaration.prefix, field)),
  };
}

/** Describes itself as the server's store would. */
function unusedStore({ storageUrl }: Configuration["settings"], clock: Clock): GuardStore {
  return { ...createMemoryGuardStore({ clock }), isShared: !storageUrl.startsWith("memory:") };
}

function collectInto(log: LogLine[]): Logger {
  const add = (level: LogLine["level"]) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message });
  return { debug() {}, info: add("info"), warn: add("warn"), error: add("error") };
}
