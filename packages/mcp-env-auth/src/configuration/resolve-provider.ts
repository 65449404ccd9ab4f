import { SERVER_AUTH } from "../env/server-settings.ts";
import { withoutInvisibleEnds } from "../env/value-ends.ts";
import { ConfigError } from "../errors.ts";
import { nearest } from "../lib/nearest.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import type { DeclaredProvider } from "../providers/declaration.ts";
import type { KnownProvider } from "./provider-catalog.ts";
import { importExport, looksLikeModule, parseModuleReference } from "./user-module.ts";

/**
 * What FASTMCP_SERVER_AUTH stands for: an open server, a provider to be read from its variables, or one that is ready.
 */
export type ResolvedProvider = "none" | { readonly declared: DeclaredProvider } | { readonly ready: AuthProvider };

export interface ResolveOptions {
  readonly providers: readonly KnownProvider[];
  /** Where modules of the user's own are looked for. */
  readonly cwd: string;
}

/**
 * Finds what a value of FASTMCP_SERVER_AUTH names: a class path with `.` or `:` before the class, a short name in any
 * case, `none`, or an export of a module of the user's own.
 *
 * @throws ConfigError that says what to set instead.
 */
export async function resolveProvider(value: string, { providers, cwd }: ResolveOptions): Promise<ResolvedProvider> {
  const name = withoutInvisibleEnds(value).trim();
  if (name === "") {
    throw problem(`is empty. Set it to ${suggestion(providers)}, or to none for an open server.`);
  }
  if (name === "none") {
    return "none";
  }
  if (looksLikeModule(name)) {
    return recogniseExport(await importExport(parseModuleReference(name), cwd), name);
  }
  const path = name.replace(":", ".");
  const known = providers.find(({ classPath, aliases }) => goesBy(classPath, aliases, path));
  if (known !== undefined) {
    return { declared: await known.load() };
  }
  const unavailable = unavailableProviders.find(({ classPath }) => goesBy(classPath, [shortName(classPath)], path));
  if (unavailable !== undefined) {
    throw problem(`names ${unavailable.title}. ${unavailable.advice}`);
  }
  throw unknownProvider(name, providers);
}

/** An exact class path, a short name in any case. */
function goesBy(classPath: string, aliases: readonly string[], name: string): boolean {
  if (classPath === name) {
    return true;
  }
  return aliases.some((alias) => (alias.includes(".") ? alias === name : alias.toUpperCase() === name.toUpperCase()));
}

// As FastMCP 2.12.0 named its providers: GITHUB, WORKOS.
function shortName(classPath: string): string {
  return (classPath.split(".").at(-1) ?? "").replace(/(?:Provider|TokenVerifier)$/, "").toUpperCase();
}

function recogniseExport(exported: unknown, name: string): ResolvedProvider {
  if (isDeclaredProvider(exported)) {
    return { declared: exported };
  }
  if (isAuthProvider(exported)) {
    return { ready: exported };
  }
  const built = buildWithoutArguments(exported, name);
  if (isAuthProvider(built)) {
    return { ready: built };
  }
  throw problem(
    `names ${name}, which is no provider. Export a class made by defineProvider, a class that needs no arguments and has authenticate(), or such an instance.`,
  );
}

function buildWithoutArguments(exported: unknown, name: string): unknown {
  if (typeof exported !== "function" || exported.prototype === undefined || exported.length > 0) {
    return undefined;
  }
  try {
    return Reflect.construct(exported, []);
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error;
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : "It throws something that is no error.";
    throw problem(`names ${name}, which can't be constructed. ${reason}`, error);
  }
}

// By shape, since the module may import another copy of this package.
function isDeclaredProvider(value: unknown): value is DeclaredProvider {
  return typeof value === "function" && "declaration" in value && "fromEnvironment" in value;
}

function isAuthProvider(value: unknown): value is AuthProvider {
  return (
    typeof value === "object" && value !== null && "authenticate" in value && typeof value.authenticate === "function"
  );
}

function unknownProvider(name: string, providers: readonly KnownProvider[]): ConfigError {
  const known = [
    ...providers.flatMap(({ classPath, aliases }) => [classPath, ...aliases]),
    ...unavailableProviders.map(({ classPath }) => classPath),
    "none",
  ];
  const guess = nearest(name, known);
  const advice = guess === undefined ? "" : ` Did you mean ${guess}?`;
  const available = providers.map(({ classPath }) => classPath).join(", ");
  return problem(
    `names no provider that is known here.${advice} Available are ${available}; none; and modules of your own, as in ./auth.js#MyProvider.`,
  );
}

function suggestion(providers: readonly KnownProvider[]): string {
  return `a provider's class path, such as ${providers[0]?.classPath ?? "./auth.js#MyProvider"}`;
}

function problem(message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ variable: SERVER_AUTH, message }], cause === undefined ? undefined : { cause });
}

/** A provider of FastMCP 2.x that can't be used here. */
interface UnavailableProvider {
  readonly classPath: string;
  readonly title: string;
  /** What its variables start with, where it has any. */
  readonly prefix?: string;
  /** What to do instead, as a sentence. */
  readonly advice: string;
}

/** Class paths that an old `.env` may name, so that they are not taken for misspelt. */
export const unavailableProviders: readonly UnavailableProvider[] = [
  {
    classPath: "fastmcp.server.auth.providers.in_memory.InMemoryOAuthProvider",
    title: "InMemoryOAuthProvider",
    advice: "It logs everyone in without asking who they are. For a server that is open on purpose, set none.",
  },
];
