import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startClientStack } from "./client-stack.ts";
import { INSTALLING, SHORT_LIFE } from "./journey.ts";
import { BROKEN, compare } from "./recording.ts";
import { beginBriefVisit, FIRST, RUN, type Scene, type Stacks } from "./steps.ts";
import { type RecordedClient, type Shortfall, STEPS } from "./table.ts";
import { type ClientCommand, openVisit, type Visit } from "./visit.ts";

/** Two runs of a client, each of which may hang for a minute, and the end of a token in between. */
const STEP_TIMEOUT = 180_000;

/**
 * Takes every step of a client that its cells.json has as possible, and compares what comes of it with what it says.
 *
 * @param install Gives the command that takes steps, and the version of the client.
 */
export function testClient(cellsFile: URL, install: () => Promise<ClientCommand & { readonly version: string }>): void {
  const recorded = JSON.parse(readFileSync(cellsFile, "utf8")) as RecordedClient;

  describe(recorded.client, () => {
    let client: Awaited<ReturnType<typeof install>>;
    let scene: Scene;
    const opened: { close(): Promise<void> }[] = [];

    beforeAll(async () => {
      client = await install();
      const settings = { usual: {}, stepUp: { FASTMCP_LOGIN_SCOPES: "required" }, brief: SHORT_LIFE };
      const started = Object.entries(settings).map(async ([name, env]) => {
        const stack = await startClientStack(env);
        opened.push(stack);
        return [name, stack] as const;
      });
      const stacks = Object.fromEntries(await Promise.all(started)) as unknown as Stacks;
      let visited: Promise<Visit> | undefined;
      const first = async () => {
        const visit = await openVisit("alice", stacks.usual);
        opened.unshift(visit);
        await visit.run(client, FIRST);
        return visit;
      };
      // Its token ends while the other steps are taken. A second try begins its own.
      const cell = recorded.cells["come back tomorrow"];
      const comesBack = cell === "passed" || "sees" in cell;
      let early = comesBack ? await beginBriefVisit(client, stacks) : undefined;
      const begun = async () => {
        const visit = early ?? (await beginBriefVisit(client, stacks));
        early = undefined;
        return visit;
      };
      scene = { client, stacks, begun, first: () => (visited ??= first()) };
    }, INSTALLING);
    afterAll(async () => {
      for (const each of opened) {
        await each.close();
      }
    });

    it("runs in the recorded version", () => {
      expect(client.version).toBe(recorded.version);
    });

    const { recording, differs = {} } = recorded;
    if (recording !== undefined) {
      it.each(Object.entries(BROKEN).filter(([what]) => !(what in differs)))(
        "sends what its recording says to a server %s",
        async (_what, broken) => {
          const sent = await compare(client, recording, scene.stacks.usual, broken);
          expect(sent.replay).toEqual(sent.client);
        },
      );
    }

    for (const step of STEPS) {
      const cell = recorded.cells[step];
      if (cell === "passed") {
        it(step, { timeout: STEP_TIMEOUT }, async () => {
          expect(await observe(() => RUN[step](scene))).toBeUndefined();
        });
      } else if ("sees" in cell) {
        it(cell.sees === "" ? `${step}: says nothing` : `${step}: ends with “${cell.sees}”`, {
          timeout: STEP_TIMEOUT,
        }, async () => {
          const failure = await observe(() => RUN[step](scene));
          expect(failure, "It works now: record the cell as passed").toBeDefined();
          expectShortfall(failure ?? "", cell);
        });
      }
    }
  });
}

function expectShortfall(failure: string, { sees, request }: Shortfall): void {
  for (const text of request === undefined ? [sees] : [sees, request]) {
    expect(failure).toMatch(new RegExp(text.split("…").map(escapeText).join(".*")));
  }
}

async function observe(step: () => Promise<void>): Promise<string | undefined> {
  try {
    await step();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
