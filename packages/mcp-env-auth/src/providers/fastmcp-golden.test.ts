import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import type { KnownProvider } from "../configuration/provider-catalog.ts";
import { variableName } from "../env/field.ts";
import { ConfigError } from "../errors.ts";
import { defineProvider } from "./declaration.ts";
import { differenceOf, differences } from "./testing/golden-differences.ts";
import { type GoldenFile, goldenFiles } from "./testing/golden-files.ts";

/** What a file makes of the server: its settings, or the variables that stop it. */
type Answer = { readonly errors: readonly string[] } | Resolved;

interface Resolved {
  readonly server: Values;
  /** The class path; `null` for an open server. */
  readonly auth: string | null;
  /** Without those that are left to their defaults. */
  readonly settings?: Values;
}

type Values = Readonly<Record<string, unknown>>;

const [release, ...recorded]: readonly [string, ...(readonly [title: string, answer: Answer])[]] = JSON.parse(
  `[${readFileSync(new URL("./testing/fastmcp-answers.jsonl", import.meta.url), "utf8")
    .trim()
    .replaceAll("\n", ",")}]`,
);
const answers = new Map(recorded);

const folder = mkdtempSync(join(tmpdir(), "golden-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The providers of the package, which show what they were given. */
function watched(show: (classPath: string, settings: Values) => void): readonly KnownProvider[] {
  return builtInProviders.map(({ declaration }) => ({
    ...declaration,
    load: async () =>
      defineProvider({
        ...declaration,
        create(settings, names) {
          show(declaration.classPath, settings);
          return declaration.create(settings, names);
        },
      }),
  }));
}

async function resolve({ title, file, name = ".env", env = {} }: GoldenFile): Promise<Answer> {
  const cwd = join(folder, String(goldenFiles.findIndex((golden) => golden.title === title)));
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, name), file);
  let auth: string | null = null;
  let settings: Values = {};
  const providers = watched((classPath, given) => {
    auth = classPath;
    settings = given;
  });
  try {
    const { host, port, streamableHttpPath, logLevel } = (await loadConfiguration({ processEnv: env, cwd, providers }))
      .settings;
    return { server: { host, port, streamableHttpPath, logLevel }, auth, settings: plain(settings) };
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    return { errors: error.problems.flatMap(({ variable }) => variable ?? []) };
  }
}

const plain = (settings: Values): Values =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value instanceof URL ? value.href : value]),
  );

/** Where we differ: ours beside FastMCP's, by name. Empty for a file that both read alike. */
function compare(ours: Answer, theirs: Answer): Values {
  if ("errors" in theirs) {
    // FastMCP stops at the first stage that fails, we report all.
    const named =
      "errors" in ours ? theirs.errors.filter((variable) => !ours.errors.includes(variable)) : theirs.errors;
    return "errors" in ours && named.length === 0 ? {} : { errors: { ours, theirs } };
  }
  if ("errors" in ours) {
    return { errors: { ours, theirs: "none" } };
  }
  const differing = (mine: Values, other: Values) =>
    Object.entries(other).flatMap(([name, value]) =>
      JSON.stringify(mine[name]) === JSON.stringify(value)
        ? []
        : [[name, { ours: mine[name], theirs: value }] as const],
    );
  return Object.fromEntries([
    ...differing({ auth: ours.auth }, { auth: theirs.auth }),
    ...differing(ours.server, theirs.server),
    ...differing(ours.settings ?? {}, theirs.settings ?? {}),
    ...unexpected(ours.settings ?? {}, theirs),
  ]);
}

/** What FastMCP leaves to a default must be a default here too. */
function unexpected(ours: Values, { auth, settings = {} }: Resolved) {
  const declaration = builtInProviders.find(({ declaration: { classPath } }) => classPath === auth)?.declaration;
  return Object.entries(declaration?.fields ?? {}).flatMap(([name, field]) => {
    const initial = field.default instanceof URL ? field.default.href : field.default;
    return name in settings || JSON.stringify(ours[name]) === JSON.stringify(initial)
      ? []
      : [[name, { ours: ours[name], theirs: `the default of ${variableName("", name)}` }] as const];
  });
}

describe(`an env file of FastMCP ${release}`, () => {
  it("is recorded, for each of the files", () => {
    expect([...answers.keys()]).toEqual(goldenFiles.map(({ title }) => title));
  });

  const same = goldenFiles.filter(({ title }) => differenceOf(title) === undefined);
  it.each(same.map((golden) => [golden.title, golden] as const))("is read alike: %s", async (_, golden) => {
    const theirs = answers.get(golden.title);
    expect(theirs).toBeDefined();
    expect(compare(await resolve(golden), theirs as Answer)).toEqual({});
  });

  it.each(differences)("$reason", async ({ titles, refused }) => {
    for (const title of titles) {
      const golden = goldenFiles.find((candidate) => candidate.title === title);
      if (golden === undefined) {
        throw new Error(`No file is called ${title}`);
      }
      const ours = await resolve(golden);
      expect(compare(ours, answers.get(title) as Answer), title).not.toEqual({});
      const errors = "errors" in ours ? ours.errors : [];
      expect(
        errors.filter((variable) => refused === undefined || !variable.endsWith(refused)),
        title,
      ).toEqual([]);
      expect(errors.length > 0, title).toBe(refused !== undefined);
    }
  });
});
