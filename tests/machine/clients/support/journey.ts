import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { createPerson, type Person } from "../../support/person.ts";
import { runProgram } from "../../support/program.ts";
import type { WeatherStack } from "../../support/weather-stack.ts";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const INSTALL_TIMEOUT = 420_000;

/** For the first installation: what a client needs comes from registries, and some of it is compiled. */
export const INSTALLING = INSTALL_TIMEOUT + 30_000;

/** Seconds. Libraries take a token that ends within ten seconds for expired, and so refresh it. */
export const SHORT_LIFE = { FASTMCP_ACCESS_TOKEN_TTL: "12" };

/** How long a program waits until its token is as good as expired. */
export const PAST_LIFE = "3s";

export const LOGGED_IN = "logged in, and the client answered 200";

/** A folder of the client's own sources and pins. */
export function clientFolder(name: string): string {
  return join(ROOT, "tests/machine/clients", name);
}

/** A folder for what is built of them. */
export async function buildFolder(name: string): Promise<string> {
  const folder = join(ROOT, ".cache/programs/clients", name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Runs an installer, with the environment and the caches of whoever runs the tests. @throws Error when it fails: a
 * client that can't be had is a failure.
 */
export async function install(program: string, args: readonly string[], options: { readonly cwd: string }) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { exitCode, output, errors } = await runProgram(program, args, {
    env,
    timeout: INSTALL_TIMEOUT,
    cwd: options.cwd,
  });
  if (exitCode !== 0) {
    throw new Error(`${program} ${args.join(" ")} failed (${exitCode}):\n${output}\n${errors}`);
  }
}

export interface Journey {
  readonly exitCode: number | null;
  /** One for each line that the program printed. */
  readonly steps: readonly Record<string, unknown>[];
  readonly errors: string;
  /** What came of each login of this person. */
  readonly logins: readonly string[];
}

/** Runs a client as a person with a home of its own, whose browser answers the consent and login pages. */
export async function takeJourney(
  program: string,
  args: readonly string[],
  { username = "alice", timeout = 60_000 } = {},
): Promise<Journey> {
  const person = await createPerson(username);
  onTestFinished(person.dispose);
  return runAs(person, program, args, timeout);
}

/** Runs a client once. It is ended when the browser of its person is left on a page without a way on. */
export async function runAs(
  person: Person,
  program: string,
  args: readonly string[],
  timeout = 60_000,
): Promise<Journey> {
  const ended = new AbortController();
  const stranded = person.stranded(ended.signal).then(() => ended.abort());
  const { exitCode, output, errors } = await runProgram(program, args, {
    env: { ...person.env, PATH: `${person.bin}:${process.env.PATH}`, HOME: person.home },
    timeout,
    signal: ended.signal,
  });
  ended.abort();
  await stranded;
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  const steps = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, steps, errors, logins: await person.logins() };
}

/** How often the identity provider was asked for new tokens. */
export function refreshesAt({ auth0 }: WeatherStack): number {
  return auth0.requests.filter(({ params, status }) => params.grant_type === "refresh_token" && status === 200).length;
}

/** The result of a call of `current_weather` as alice. */
export const ALICES_WEATHER = expect.objectContaining({ city: "Berlin, Germany", requested_by: "auth0|alice" });
