import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Answers } from "./answers.ts";
import { deploymentFolder } from "./deployments.ts";
import { copyWithEngine } from "./engine.ts";
import { packageManagerFiles } from "./package-manager-files.ts";
import { personalize } from "./personalize.ts";
import { chosenProvider, type KnownSettings, renderEnvFiles } from "./settings.ts";
import { writeDeployment } from "./write-deployment.ts";

/** Files that npm keeps out of a package under their real names (npm-pack), so they travel without the dot. */
const DOTLESS = new Map([
  ["gitignore", ".gitignore"],
  ["npmignore", ".npmignore"],
  ["npmrc", ".npmrc"],
]);

const TEXT = /(?:\.(?:json|md|mjs|ts|ya?ml)|^Dockerfile)$/;

/** What the project is made of. */
export interface ProjectSource extends KnownSettings {
  /** The folder that holds the templates, absolute. */
  readonly templateRoot: string;
}

/**
 * Writes the whole project to a folder that is not there yet: the template, byte for byte and with its exec bits, its
 * own name, the env files, and what the package manager needs.
 */
export async function writeProject(directory: string, answers: Answers, source: ProjectSource): Promise<void> {
  const { templateRoot } = source;
  const template = path.join(templateRoot, answers.template);
  const provider = chosenProvider(answers, source);
  await copyWithEngine({ templateRoot, template: answers.template, target: directory });
  for (const file of listFiles(template)) {
    const copied = path.join(directory, installedPath(file));
    restoreName(path.join(directory, file), copied);
    restoreMode(path.join(template, file), copied);
  }
  for (const file of projectTextFiles(directory)) {
    const target = path.join(directory, file);
    const text = readFileSync(target, "utf8");
    const own = personalize(file, text, answers, provider);
    if (own !== text) {
      writeFileSync(target, own);
    }
  }
  setPackageName(path.join(directory, "package.json"), answers.project.packageName);
  writeDeployment(directory, answers, source, deploymentFiles(answers, source));
  const { env, example } = renderEnvFiles(answers, source);
  writeFileSync(path.join(directory, ".env"), env, { mode: 0o600, flag: "wx" });
  writeFileSync(path.join(directory, ".env.example"), example);
  for (const [file, text] of packageManagerFiles(answers)) {
    if (!existsSync(path.join(directory, file))) {
      writeFileSync(path.join(directory, file), text);
    }
  }
}

/** The files that `writeProject` writes, by their path in the project, sorted. */
export function projectFiles(answers: Answers, source: ProjectSource): string[] {
  const files = listFiles(path.join(source.templateRoot, answers.template)).map(installedPath);
  return [
    ...new Set([
      ...files,
      ...deploymentFiles(answers, source),
      ".env",
      ".env.example",
      ...packageManagerFiles(answers).keys(),
    ]),
  ].sort();
}

/** What `--deploy` adds, by its path in the project. */
function deploymentFiles({ deploy }: Answers, { templateRoot }: ProjectSource): string[] {
  return deploy === undefined ? [] : listFiles(deploymentFolder(templateRoot, deploy));
}

/** Files whose text may name the project, by their path in it. All that is not text stays byte for byte. */
function projectTextFiles(directory: string): string[] {
  return listFiles(directory).filter((file) => TEXT.test(file));
}

function installedPath(file: string): string {
  return path.join(path.dirname(file), DOTLESS.get(path.basename(file)) ?? path.basename(file));
}

function restoreName(shipped: string, real: string): void {
  if (shipped !== real && existsSync(shipped)) {
    renameSync(shipped, real);
  }
}

function restoreMode(original: string, copied: string): void {
  const executable = statSync(original).mode & 0o111;
  if (executable !== 0) {
    chmodSync(copied, statSync(copied).mode | executable);
  }
}

function setPackageName(file: string, name: string): void {
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  writeFileSync(file, `${JSON.stringify({ ...manifest, name }, null, 2)}\n`);
}

/** Every file below a folder, by its path from there, sorted. Links are not followed. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
