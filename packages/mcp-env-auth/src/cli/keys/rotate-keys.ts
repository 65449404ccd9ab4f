import { randomBytes } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { quoteEnvValue } from "../../env/dotenv.ts";
import { secretFileVariable, variableName } from "../../env/field.ts";
import { readFields } from "../../env/read-fields.ts";
import { SERVER_AUTH } from "../../env/server-settings.ts";
import { wrap } from "../../env/terminal-text.ts";
import { ConfigError } from "../../errors.ts";
import { DAY } from "../../lib/clock.ts";
import type { CliContext } from "../command.ts";
import { findProvider, readServerEnvironment, type ServerEnvironment } from "../server-environment.ts";
import { createTerminal } from "../terminal.ts";
import { writeNewFile } from "../write-file.ts";
import { setVariables } from "./set-variables.ts";

export interface RotateOptions {
  /** Whether nothing that the old key sealed may open any more. */
  readonly leaked: boolean;
  /** Whether the values are printed, and the file stays as it is. */
  readonly print: boolean;
}

/** The keys as the server would read them. */
interface Keys {
  /** What seals now: JWT_SIGNING_KEY, or the client secret. With invisible ends, earlier releases sealed under both. */
  readonly current: readonly string[];
  readonly previous: readonly string[];
  readonly registrations: readonly string[];
}

/** As many as `openssl rand -base64 32` gives. */
const SIGNING_KEY_BYTES = 32;

const FIELDS = ["jwtSigningKey", "jwtSigningKeyPrevious", "jwtSigningKeyRegistrations"] as const;

/** The command `keys rotate`. @throws ConfigError */
export async function rotateKeys({ leaked, print }: RotateOptions, context: CliContext): Promise<number> {
  const server = readServerEnvironment(context);
  const { prefix, keys } = await readKeys(server, context);
  const nameOf = (field: string) => variableName(prefix, field);
  const values = new Map(
    Object.entries(rotated(keys, leaked)).map(([field, value]) => [nameOf(field), spell(value)] as const),
  );
  const terminal = createTerminal(context.stdout, context.env);
  const notes = (sentences: readonly string[]) =>
    sentences.map((sentence) => `${wrap(sentence, terminal.width).join("\n")}\n`).join("\n");
  if (print) {
    const lines = [...values].flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${quoteEnvValue(value)}\n`,
    );
    context.stdout.write(lines.join(""));
    const unset = [...values].flatMap(([name, value]) =>
      value === undefined && server.environment.get(name) !== undefined ? [`Remove ${name}.`] : [],
    );
    context.stderr.write(notes([...unset, ...next(server, { leaked, nameOf }, context.clock())]));
    return 0;
  }
  const path = await requireFile(server, [...values.keys()]);
  const { mode } = await stat(path);
  await writeNewFile({ path, text: setVariables(server.file.text, values), mode: mode & 0o777, replace: "always" });
  const what = leaked
    ? `${path} has a new ${nameOf("jwtSigningKey")}. The old key is now in ${nameOf("jwtSigningKeyRegistrations")}.`
    : `${path} has a new ${nameOf("jwtSigningKey")}. The old key is now in ${nameOf("jwtSigningKeyPrevious")}.`;
  context.stdout.write(notes([what, ...next(server, { leaked, nameOf }, context.clock())]));
  return 0;
}

async function readKeys(
  { environment }: ServerEnvironment,
  { cwd }: CliContext,
): Promise<{ readonly prefix: string; readonly keys: Keys }> {
  const name = environment.get(SERVER_AUTH)?.value ?? "";
  const declaration = (await findProvider(name, cwd))?.declaration;
  if (declaration?.fields.jwtSigningKey === undefined) {
    throw new ConfigError(
      `${SERVER_AUTH} names no provider whose server seals tokens of its own, so there is no signing key to rotate.`,
    );
  }
  const { fields, prefix } = declaration;
  const secret = fields.clientSecret === undefined ? {} : { clientSecret: fields.clientSecret };
  const wanted = Object.fromEntries(FIELDS.flatMap((field) => (fields[field] ? [[field, fields[field]]] : [])));
  const { values, untrimmed, problems } = readFields({ ...wanted, ...secret }, prefix, environment);
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  const read = values as Readonly<Partial<SealingFields>>;
  const current = read.jwtSigningKey === undefined ? "clientSecret" : "jwtSigningKey";
  if (read[current] === undefined) {
    const variable = variableName(prefix, "jwtSigningKey");
    throw new ConfigError([{ variable, message: "is not set, so there is no key to rotate." }]);
  }
  const exact = (untrimmed as Readonly<Partial<SealingFields>>)[current];
  return {
    prefix,
    keys: {
      current: [read[current], ...(exact === undefined ? [] : [exact])],
      previous: read.jwtSigningKeyPrevious ?? [],
      registrations: read.jwtSigningKeyRegistrations ?? [],
    },
  };
}

interface SealingFields {
  readonly clientSecret: string;
  readonly jwtSigningKey: string;
  readonly jwtSigningKeyPrevious: readonly string[];
  readonly jwtSigningKeyRegistrations: readonly string[];
}

function rotated({ current, previous, registrations }: Keys, leaked: boolean) {
  const older = previous.filter((key) => !current.includes(key));
  // Who has read one key has read those next to it.
  return {
    jwtSigningKey: randomBytes(SIGNING_KEY_BYTES).toString("base64"),
    jwtSigningKeyPrevious: leaked ? [] : [...current, ...older],
    jwtSigningKeyRegistrations: leaked ? [...new Set([...current, ...older, ...registrations])] : registrations,
  };
}

/** A list is JSON, so that its items count exactly. An empty one is not set. */
function spell(value: string | readonly string[]): string | undefined {
  if (typeof value === "string") {
    return value;
  }
  if (value.some((key) => key.includes("${"))) {
    throw new ConfigError(
      "The old key contains ${, which an env file replaces. Set the new keys where the environment is set: --print.",
    );
  }
  return value.length === 0 ? undefined : JSON.stringify(value);
}

/** The file that sets all of `variables` that are set. @throws ConfigError */
async function requireFile({ file, environment }: ServerEnvironment, variables: readonly string[]): Promise<string> {
  for (const variable of variables) {
    const fileVariable = secretFileVariable(variable);
    if (environment.get(fileVariable) !== undefined) {
      throw elsewhere(fileVariable, "a file has the key");
    }
    if (environment.get(variable)?.source.kind === "process") {
      throw elsewhere(variable, "the environment of the process has it, and wins over the env file");
    }
  }
  if (file.path === undefined) {
    throw new ConfigError("There is no env file to write to. Run this in its folder, or use --print.");
  }
  return realpath(file.path);
}

function elsewhere(variable: string, why: string): ConfigError {
  return new ConfigError([
    { variable, message: `is set, so the env file can't be changed: ${why}. Use --print, and set the values there.` },
  ]);
}

function next(
  { server }: ServerEnvironment,
  { leaked, nameOf }: { readonly leaked: boolean; readonly nameOf: (field: string) => string },
  now: number,
): readonly string[] {
  const { sessionTtl = 30 * DAY } = server.values;
  const date = new Date((now + sessionTtl) * 1000).toISOString().slice(0, 10);
  const restart =
    "Restart the server. With several replicas, give all of them the new values and restart them together: one with the old keys refuses what the others seal.";
  return leaked
    ? [
        restart,
        "All sessions end then, and users sign in again. Registered clients keep their ids. Confidential clients, made by client create, need a new pair.",
      ]
    : [
        restart,
        `Users stay signed in. The old key can go from ${nameOf("jwtSigningKeyPrevious")} after ${date}, when the last session that it sealed has ended (FASTMCP_SESSION_TTL). Registrations that it sealed end then: SECURITY.md says which clients recover.`,
      ];
}
