import type { ConfigProblem } from "../errors.ts";
import { expandPath, readTextFile, UnreadableFile } from "./text-file.ts";

const SIZE_LIMIT = 65_536;

/** A secret from a file, or why there is none. */
export type SecretFile =
  | { readonly path: string; readonly value: string }
  | { readonly path: string; readonly problem: ConfigProblem };

/** Reads the secret in the file that `variable` names: at most 64 KiB of UTF-8, without one newline at the end. */
export function readSecretFile(variable: string, file: string, cwd: string): SecretFile {
  const path = expandPath(file, cwd);
  if (file.trim() === "") {
    return { path, problem: { variable, message: "is empty; it must name a file, or be removed." } };
  }
  try {
    const value = readTextFile(path, SIZE_LIMIT).replace(/\r?\n$/, "");
    if (value.trim() === "") {
      return { path, problem: { variable, message: `names the file ${path}, which is empty.` } };
    }
    return { path, value };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) {
      throw error;
    }
    return { path, problem: { variable, message: `names the file ${path}, which ${error.message}.` } };
  }
}
