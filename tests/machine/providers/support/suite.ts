import { readFileSync } from "node:fs";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployment, deploy } from "./deployment.ts";
import { discover } from "./discovery.ts";
import { DIRECT_CALLBACK, type IdentityProvider, type Registration } from "./identity-provider.ts";
import { RUN } from "./steps.ts";
import { type RecordedProvider, STEPS, type Step, type Verifier } from "./table.ts";

/** Ory Hydra and all that it imports may have to be compiled. */
const START_TIMEOUT = 20 * 60_000;

/** Tests of one verifier beyond the steps, with its server running. */
export type MoreTests = Partial<Record<Verifier, (deployment: () => Deployment) => void>>;

/**
 * Runs every step with every verifier that the provider's cells.json has as possible, and compares what happens with
 * what it says. A known fault has to fail just as recorded: its repair turns the test red, until the record changes.
 */
export function testProvider(
  cellsFile: URL,
  start: (registration: Registration) => Promise<IdentityProvider>,
  more: MoreTests = {},
): void {
  const recorded = JSON.parse(readFileSync(cellsFile, "utf8")) as RecordedProvider;
  const verifiers = Object.keys(recorded.cells) as Verifier[];

  describe(recorded.provider, () => {
    let provider: IdentityProvider;
    const servers = new Map<Verifier, string>();

    beforeAll(async () => {
      for (const verifier of verifiers) {
        servers.set(verifier, `http://127.0.0.1:${await freePort()}`);
      }
      provider = await start({
        servers: Object.fromEntries(servers),
        redirectUris: [...[...servers.values()].map((origin) => `${origin}/auth/callback`), DIRECT_CALLBACK],
      });
    }, START_TIMEOUT);
    afterAll(() => provider?.close());

    it("runs in the recorded version", () => {
      expect(provider.version).toBe(recorded.version);
    });

    const possible = verifiers.filter((verifier) => !("notPossible" in (recorded.cells[verifier] ?? {})));
    describe.each(possible)("%s", (verifier) => {
      let deployment: Deployment;

      beforeAll(async () => {
        const origin = servers.get(verifier) ?? "";
        await provider.prepare?.(verifier, origin);
        deployment = await deploy(provider, await discover(provider.issuer), verifier, origin);
      }, START_TIMEOUT);
      afterAll(() => deployment?.stop());

      for (const step of STEPS) {
        testStep(recorded, verifier, step, () => deployment);
      }
      more[verifier]?.(() => deployment);
    });
  });
}

function testStep(recorded: RecordedProvider, verifier: Verifier, step: Step, deployment: () => Deployment): void {
  const cells = recorded.cells[verifier];
  const cell = cells === undefined || "notPossible" in cells ? cells : cells[step];
  if (cell === "passed") {
    it(step, async () => {
      const failure = await observe(step, deployment());
      expect(failure).toBeUndefined();
    });
  } else if (cell?.observed !== undefined) {
    const { observed } = cell;
    const title =
      "knownFault" in cell ? `has a known fault, ${cell.knownFault}` : `is not possible. ${cell.notPossible}`;
    it(`${step}: ${title}`, async () => {
      const failure = await observe(step, deployment());
      expect(failure, "It works now: record the cell as passed").toBeDefined();
      expect(failure).toMatch(new RegExp(observed, "s"));
    });
  }
}

/** What went wrong, with what our server wrote meanwhile; `undefined` when nothing did. */
async function observe(step: Step, deployment: Deployment): Promise<string | undefined> {
  const before = deployment.log().length;
  try {
    await RUN[step](deployment);
    return undefined;
  } catch (error) {
    return `${(error as Error).message}\n${deployment.log().slice(before)}`;
  }
}
