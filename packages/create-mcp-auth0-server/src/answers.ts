import type { Deployment } from "./deployments.ts";
import type { Auth0Domain } from "./domain.ts";
import type { PackageManager } from "./package-manager.ts";
import type { ProjectTarget } from "./project-name.ts";
import { TEMPLATES, type TemplateName } from "./templates.ts";

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

/** Another provider than Auth0. What is absent stays empty in `.env`, to be filled in. */
export interface ProviderAuth {
  readonly kind: "provider";
  /** As `--provider` names it, such as `google`. */
  readonly provider: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly audience?: string;
}

/** Everything that has to be known to write the project. */
export interface Answers {
  readonly project: ProjectTarget;
  readonly template: TemplateName;
  readonly auth: LocalAuth | TenantAuth | ProviderAuth;
  /** Public address of the server, without a trailing slash. */
  readonly baseUrl: string;
  /** What every token must carry. Empty: what the provider requires by default. */
  readonly scopes: readonly string[];
  readonly install: boolean;
  readonly git: boolean;
  readonly packageManager: PackageManager;
  /** Absent: no files for a deployment. */
  readonly deploy?: Deployment;
}

/** What the command line has answered already. */
export type GivenAnswers = Partial<Omit<Answers, "packageManager" | "template">> &
  Pick<Answers, "packageManager" | "template">;

/**
 * What every token must carry where nothing is said: what the template asks for at Auth0. Scopes of other providers are
 * theirs to name.
 */
export function defaultScopes({ template }: Pick<Answers, "template">, auth: Answers["auth"]): readonly string[] {
  return auth.kind === "provider" ? [] : TEMPLATES[template].scopes;
}
