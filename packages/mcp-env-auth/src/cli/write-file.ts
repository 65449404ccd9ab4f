import { randomBytes } from "node:crypto";
import { link, open, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Its permissions. The temporary file never has more. */
  readonly mode: number;
  /** Whether it replaces an existing file. `keeping`: and keeps that under another name. */
  readonly replace: "never" | "keeping" | "always";
}

/**
 * Writes a file whole or not at all: it is complete before it has its name.
 *
 * @returns the name under which the earlier file is kept, if there was one.
 * @throws ConfigError if it exists and must not be replaced, or can't be written.
 */
export async function writeNewFile({ path, text, mode, replace }: NewFile): Promise<string | undefined> {
  if (await isDirectory(path)) {
    throw new ConfigError(`${path} is a directory. Name the new file in it, such as ${join(path, ".env")}`);
  }
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeWhole(temporary, text, mode);
    if (await hasPlace(temporary, path)) {
      return undefined;
    }
    if (replace === "never") {
      throw new ConfigError(
        `${path} exists. Name another file, or add --force to replace it; the earlier file is then kept as ${path}.bak.`,
      );
    }
    const kept = replace === "keeping" ? await keep(path) : undefined;
    await rename(temporary, path);
    return kept;
  } catch (error) {
    throw error instanceof ConfigError ? error : new ConfigError(describeFailure(path, codeOf(error)));
  } finally {
    await unlink(temporary).catch(() => {});
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the file its name, unless another has it: a link never replaces. */
async function hasPlace(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Another name for the file at `path`: the first of `.bak`, `.bak.1` and so on that is free. */
async function keep(path: string): Promise<string> {
  for (let number = 0; ; number++) {
    const name = number === 0 ? `${path}.bak` : `${path}.bak.${number}`;
    try {
      await link(path, name);
      return name;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") {
        throw error;
      }
    }
  }
}

function describeFailure(path: string, code: string): string {
  const folder = dirname(path);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `${path} can't be written: the folder ${folder} does not exist. Create it, or name another file.`;
    case "EACCES":
    case "EROFS":
      return `${path} can't be written: this user may not write to the folder ${folder}. Check its permissions, or name another file.`;
    default:
      return `${path} can't be written (${code}). Name a file in another folder.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
