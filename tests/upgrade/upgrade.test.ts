import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deploy } from "./deployment.ts";
import { exercise } from "./exercise.ts";
import { endedOutcome, INTENDED_ENDINGS } from "./intended-endings.ts";
import { envFileOf, RECORDED_COMMIT, RECORDED_FOLDER, readArtifacts } from "./recorded.ts";

const artifacts = readArtifacts();
const names = artifacts.map(({ name }) => name);
const endings = new Map(
  INTENDED_ENDINGS.flatMap((ending) => ending.artifacts.map((artifact) => [artifact, ending] as const)),
);
const exercised = new Set<string>();

async function outcomeOf(artifact: (typeof artifacts)[number]) {
  const deployment = await deploy(envFileOf("environments", artifact.environment), artifact);
  try {
    return await exercise(deployment, artifact);
  } finally {
    await deployment.close();
    exercised.add(artifact.name);
  }
}

describe(`what ${RECORDED_COMMIT} issued`, () => {
  const kept = artifacts.filter(({ name }) => !endings.has(name));
  it.each(kept.map((artifact) => [artifact.name, artifact] as const))("still works: %s", async (_, artifact) => {
    expect(await outcomeOf(artifact)).toEqual(artifact.outcome);
  });

  const ended = artifacts.flatMap((artifact) => {
    const ending = endings.get(artifact.name);
    return ending === undefined ? [] : [[artifact.name, artifact, ending] as const];
  });
  it.each(ended)("ends as intended: %s", async (_, artifact, { sees }) => {
    const expected = endedOutcome(artifact.outcome, sees);
    expect(expected).not.toEqual(artifact.outcome);
    expect(await outcomeOf(artifact)).toEqual(expected);
  });

  it("was all exercised", () => {
    expect([...exercised].sort()).toEqual([...names].sort());
  });
});

describe("the recording", () => {
  it("holds every artifact that its list names, each once", () => {
    const listed = readFileSync(join(RECORDED_FOLDER, "artifacts.txt"), "utf8").trim().split("\n");
    expect([...names].sort()).toEqual(listed);
    expect(new Set(names).size).toBe(names.length);
  });

  it("holds every artifact that an intended ending names, in one ending only", () => {
    const ended = INTENDED_ENDINGS.flatMap(({ artifacts }) => artifacts);
    expect(ended.filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(ended).size).toBe(ended.length);
  });
});
