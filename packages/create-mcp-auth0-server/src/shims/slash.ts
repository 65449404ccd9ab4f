// A file of its own: the build puts it in the place of a package.

/** Stands in for `slash` in the engine's bundle: on POSIX a backslash is part of a name, not a separator. */
export default function slash(path: string): string {
  return path;
}
