import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { npmCommand } from "../../scripts/support/npm.mjs";
import { repository } from "./scaffolder.ts";

export interface PackedManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package as npm would publish it. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  readonly manifest: PackedManifest;
  read(file: string): string;
}

/** The packages that are published. */
export const PUBLISHED_PACKAGES = ["mcp-env-auth", "dev-auth0", "create-mcp-auth0-server"] as const;

/** Packs a built package, and unpacks it again, into folders of its own under `directory`. */
export function packPackage(name: (typeof PUBLISHED_PACKAGES)[number], directory: string): PackedPackage {
  const target = path.join(directory, name);
  mkdirSync(target, { recursive: true });
  const [program, ...args] = npmCommand("npm");
  const [packed] = JSON.parse(
    execFileSync(program, [...args, "pack", "--json", "--pack-destination", target], {
      cwd: path.join(repository, "packages", name),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string; files: { path: string }[] }];
  const tarball = path.join(target, packed.filename);
  execFileSync("tar", ["-xzf", packed.filename], { cwd: target });
  const read = (file: string) => readFileSync(path.join(target, "package", file), "utf8");
  return {
    name,
    tarball,
    files: packed.files.map((file) => file.path),
    manifest: JSON.parse(read("package.json")) as PackedManifest,
    read,
  };
}
