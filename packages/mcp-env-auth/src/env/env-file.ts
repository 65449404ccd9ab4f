import type { ConfigProblem } from "../errors.ts";
import { parseDotenv } from "./dotenv.ts";
import { createEnvironment } from "./environment.ts";
import { expandPath, MAX_FILE_BYTES, readTextFile, UnreadableFile } from "./text-file.ts";
import { INVISIBLE_ENDS, withoutInvisibleEnds } from "./value-ends.ts";

/** Names the file, relative to the working directory. Read from the process only. */
export const ENV_FILE_VARIABLE = "FASTMCP_ENV_FILE";

const DEFAULT_FILE = ".env";
/** The env file of this run. Nothing of it is put into `process.env`. */
export interface EnvFile {
  /** The absolute path; `undefined` when there is no file, which is fine unless one is named. */
  readonly path: string | undefined;
  /** As it is written, with its byte order mark. A pipe can't be read twice. */
  readonly text: string;
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Which names in `${…}` of a value are set nowhere. */
  readonly unset: ReadonlyMap<string, readonly string[]>;
  readonly warnings: readonly ConfigProblem[];
  readonly problems: readonly ConfigProblem[];
}

const NO_FILE: EnvFile = { path: undefined, text: "", values: new Map(), unset: new Map(), warnings: [], problems: [] };

/**
 * Reads the file that FASTMCP_ENV_FILE names, else `.env` in `cwd`; directories above are not searched.
 *
 * @param file Read in its place, as somebody named it otherwise.
 */
export function readEnvFile(processEnv: NodeJS.ProcessEnv, cwd: string, file?: string): EnvFile {
  const exact = file ?? createEnvironment({ processEnv, cwd }).get(ENV_FILE_VARIABLE)?.value;
  const named = exact && withoutInvisibleEnds(exact);
  if (named === "") {
    return NO_FILE;
  }
  const path = expandPath(named ?? DEFAULT_FILE, cwd);
  try {
    const text = readTextFile(path, MAX_FILE_BYTES, { keepMark: true });
    const { values, unreadableLines, unset } = parseDotenv(text, processEnv);
    const warnings = [
      ...(exact === named ? [] : [{ variable: ENV_FILE_VARIABLE, message: INVISIBLE_ENDS }]),
      ...unreadableLines.map((line) => warnOfLine(path, line)),
      ...warnOfChoice(path, values),
    ];
    return { path, text, values, unset, warnings, problems: [] };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) {
      throw error;
    }
    if (error.missing && named === undefined) {
      return NO_FILE;
    }
    const byVariable = file === undefined && named !== undefined;
    return { ...NO_FILE, problems: [describeUnreadable(path, byVariable, error)] };
  }
}

function warnOfLine(path: string, line: number): ConfigProblem {
  return {
    message: `Line ${line} of ${path} could not be read and is skipped. Write it as NAME=value, and close the quotes; put a value with quotes inside in the other kind of quotes.`,
  };
}

function warnOfChoice(path: string, values: EnvFile["values"]): ConfigProblem[] {
  if (![...values.keys()].some((name) => name.toUpperCase() === ENV_FILE_VARIABLE)) {
    return [];
  }
  const message = `has no effect in ${path}: it is read from the process's environment, before any file.`;
  return [{ variable: ENV_FILE_VARIABLE, message }];
}

function describeUnreadable(path: string, byVariable: boolean, { message }: UnreadableFile): ConfigProblem {
  if (!byVariable) {
    return { message: `The env file ${path} ${message}.` };
  }
  return {
    variable: ENV_FILE_VARIABLE,
    message: `names the env file ${path}, which ${message}. Correct the path, or remove ${ENV_FILE_VARIABLE} to use .env in the working directory.`,
  };
}
