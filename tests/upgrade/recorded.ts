import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome, RecordedArtifact } from "./artifacts.ts";
import type { TestKeys } from "./test-keys.ts";

/** Everything that was issued by this commit, the last one before the changes that the test guards against. */
export const RECORDED_COMMIT = "4812ff4";

export const RECORDED_FOLDER = fileURLToPath(new URL(`./recorded-${RECORDED_COMMIT}/`, import.meta.url));

const read = (path: string) => JSON.parse(readFileSync(join(RECORDED_FOLDER, path), "utf8"));

/** When it was recorded, seconds since the Unix epoch: nothing has expired then. */
export const RECORDED_AT = Date.UTC(2026, 0, 15, 12) / 1000;

export function readTestKeys(): TestKeys {
  return read("test-keys.json").keys;
}

export function envFileOf(folder: "environments" | "configurations", name: string): string {
  return join(RECORDED_FOLDER, folder, `${name}.env`);
}

/** What an `.env` made of the server, and a client that registered there. */
export interface RecordedConfiguration {
  readonly name: string;
  readonly essentials: Outcome;
  readonly client?: { readonly id: string; readonly outcome: Outcome };
}

export function readConfigurations(): readonly RecordedConfiguration[] {
  return read("configurations.json");
}

/** The names of all `.env` files that have a recorded configuration. */
export function configurationNames(): readonly string[] {
  const files = readdirSync(join(RECORDED_FOLDER, "configurations")).sort();
  return files.map((file) => file.replace(/\.env$/, ""));
}

/** Every artifact of the recording. */
export function readArtifacts(): readonly RecordedArtifact[] {
  const files = readdirSync(join(RECORDED_FOLDER, "artifacts")).sort();
  return files.flatMap((file) => read(`artifacts/${file}`) as RecordedArtifact[]);
}
