import { until } from "../../../support/in-process.ts";
import type { ClientStack } from "./client-stack.ts";
import { LOGGED_IN, refreshesAt } from "./journey.ts";
import type { Step } from "./table.ts";
import { type ClientCommand, openVisit, type Visit } from "./visit.ts";

/** Servers that differ in their settings. */
export interface Stacks {
  readonly usual: ClientStack;
  /** Its logins ask for the required scopes only. */
  readonly stepUp: ClientStack;
  /** Its access tokens end soon. */
  readonly brief: ClientStack;
}

export interface Scene {
  readonly client: ClientCommand;
  readonly stacks: Stacks;
  /** The first visit of alice, which several steps look at: a list and two calls. */
  first(): Promise<Visit>;
  /** A visit of alice at the brief server whose token has been ending for a while: {@link beginBriefVisit}. */
  begun(): Promise<Visit>;
}

const WEATHER = 'current_weather={"city":"Berlin"}';
const SAVE = 'save_place={"city":"Lisbon"}';

/** What {@link Scene.first} takes. */
export const FIRST = ["list", WEATHER, SAVE];

/** Begins what ends with "come back tomorrow". */
export async function beginBriefVisit(client: ClientCommand, { brief }: Stacks): Promise<Visit> {
  const visit = await openVisit("alice", brief);
  await visit.run(client, [WEATHER]);
  return visit;
}

/** What each step does. It throws, with all that a person could see and every request, where it ends otherwise. */
export const RUN: Readonly<Record<Step, (scene: Scene) => Promise<void>>> = {
  async "log in"({ first }) {
    const visit = await first();
    await demandLogins(visit, 1);
  },

  async list({ first }) {
    const visit = await first();
    const { tools } = (visit.results[0] ?? {}) as { readonly tools?: readonly { readonly name: string }[] };
    await visit.demand(tools?.some(({ name }) => name.endsWith("current_weather")) === true, "No list of the tools");
  },

  async call({ first }) {
    const visit = await first();
    await visit.demand(isAlices(visit.results[1]) && isSaved(visit.results[2]), "Not every call was answered");
  },

  "step up": ({ client, stacks }) =>
    during(openVisit("alice", stacks.stepUp), async (visit) => {
      await visit.run(client, [WEATHER, SAVE, WEATHER]);
      await visit.demand(isSaved(visit.results[1]) && isAlices(visit.results[2]), "Not every call was answered");
      await demandLogins(visit, 2);
    }),

  "missing permission": ({ client, stacks }) =>
    during(openVisit("bob", stacks.usual), async (visit) => {
      await visit.run(client, [SAVE]);
      await demandLogins(visit, 1);
      await visit.demand(visit.output().includes("weather:write"), "Nothing names the permission");
    }),

  "come back tomorrow": ({ client, stacks: { brief }, begun }) =>
    during(begun(), async (visit) => {
      await brief.server.restart();
      // Tokens end at a whole second, up to one after their lifetime.
      await until(() => Date.now() > brief.recorder.lastExpiry() + 2000);
      const before = refreshesAt(brief);
      await visit.run(client, [WEATHER]);
      await visit.demand(isAlices(visit.results[1]), "The second call was not answered");
      await demandLogins(visit, 1);
      await visit.demand(refreshesAt(brief) > before, "Nothing was refreshed");
    }),

  "new signing key": ({ client, stacks: { brief } }) =>
    during(openVisit("alice", brief), async (visit) => {
      await visit.run(client, [WEATHER]);
      await brief.server.restart({ FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY: crypto.randomUUID() });
      await visit.run(client, [WEATHER]);
      await visit.demand(isAlices(visit.results[1]), "The second call was not answered");
      await demandLogins(visit, 2);
    }),

  "log out": ({ client, stacks }) =>
    during(openVisit("alice", stacks.usual), async (visit) => {
      await visit.run(client, [WEATHER, "log out"]);
      const revoked = visit.exchanges().some(({ path, status }) => path === "/revoke" && status === 200);
      await visit.demand(revoked, "Nothing was revoked");
    }),
};

async function during(opened: Promise<Visit>, act: (visit: Visit) => Promise<void>): Promise<void> {
  const visit = await opened;
  try {
    await act(visit);
  } finally {
    await visit.close();
  }
}

async function demandLogins(visit: Visit, count: number): Promise<void> {
  const logins = await visit.logins();
  await visit.demand(logins.length === count && logins.every((login) => login === LOGGED_IN), `Not ${count} logins`);
}

function isAlices(result: Record<string, unknown> | undefined): boolean {
  const { structuredContent } = (result ?? {}) as { readonly structuredContent?: { readonly requested_by?: string } };
  return structuredContent?.requested_by === "auth0|alice";
}

function isSaved(result: Record<string, unknown> | undefined): boolean {
  const { structuredContent } = (result ?? {}) as { readonly structuredContent?: { readonly places?: string[] } };
  return structuredContent?.places?.includes("Lisbon, Portugal") === true;
}
