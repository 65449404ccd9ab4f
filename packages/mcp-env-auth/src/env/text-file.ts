import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The largest file of settings that is read: the `.env`, or the policy. */
export const MAX_FILE_BYTES = 1_048_576;

/** Why a file can't be used, as the end of a sentence about it. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
  readonly missing: boolean;

  constructor(reason: string, options: { missing?: boolean } = {}) {
    super(reason);
    this.missing = options.missing ?? false;
  }
}

/** `path` as an absolute one, from `cwd`, with a leading `~` as the home directory. */
export function expandPath(path: string, cwd: string): string {
  return resolve(cwd, /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path);
}

/**
 * Reads a UTF-8 file of at most `limit` bytes, without its byte order mark unless `keepMark` is true.
 *
 * @throws UnreadableFile when that can't be done. Its message never holds the file's content.
 */
export function readTextFile(path: string, limit: number, { keepMark = false } = {}): string {
  const bytes = readBytes(path, limit);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: keepMark }).decode(bytes);
  } catch {
    throw new UnreadableFile("is not UTF-8 text; save it as UTF-8");
  }
}

function readBytes(path: string, limit: number): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    if (fstatSync(descriptor).isDirectory()) {
      throw new UnreadableFile("is a directory, not a file");
    }
    return readUpTo(descriptor, limit);
  } catch (error) {
    throw error instanceof UnreadableFile ? error : new UnreadableFile(...reasonOf(error));
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

function readUpTo(descriptor: number, limit: number): Uint8Array {
  const buffer = new Uint8Array(limit + 1);
  let length = 0;
  while (length <= limit) {
    const read = readSync(descriptor, buffer, length, limit + 1 - length, null);
    if (read === 0) {
      return buffer.subarray(0, length);
    }
    length += read;
  }
  throw new UnreadableFile(`is larger than ${limit} bytes, so that it is probably another file`);
}

function reasonOf(error: unknown): [string, { missing: boolean }] {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return ["does not exist", { missing: true }];
  }
  if (code === "EACCES" || code === "EPERM") {
    return ["can't be read by this user; check its permissions", { missing: false }];
  }
  return [`can't be read (${code})`, { missing: false }];
}
