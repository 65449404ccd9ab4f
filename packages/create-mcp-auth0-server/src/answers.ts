import type { Auth0Domain } from "./domain.ts";
import type { PackageManager } from "./package-manager.ts";
import type { ProjectTarget } from "./project-name.ts";

/** A stand-in for Auth0 on this machine: nothing to register, works at once. */
export interface LocalAuth {
  readonly kind: "local";
}

/** A tenant at Auth0. What is absent stays empty in `.env`, to be filled in. */
export interface TenantAuth {
  readonly kind: "tenant";
  readonly domain?: Auth0Domain;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly audience?: string;
}

/** Everything that has to be known to write the project. */
export interface Answers {
  readonly project: ProjectTarget;
  readonly auth: LocalAuth | TenantAuth;
  /** Public address of the server, without a trailing slash. */
  readonly baseUrl: string;
  /** What every token must carry. */
  readonly scopes: readonly string[];
  readonly install: boolean;
  readonly git: boolean;
  readonly packageManager: PackageManager;
}

/** What the command line has answered already. */
export type GivenAnswers = Partial<Omit<Answers, "packageManager">> & Pick<Answers, "packageManager">;

/** What every token must carry by default: the template's tools read with it, and saving a place asks for more. */
export const DEFAULT_SCOPES: readonly string[] = ["openid", "weather:read"];
