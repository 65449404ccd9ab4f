import { describe, expect, it } from "vitest";
import type { Outcome } from "./artifacts.ts";
import { deploy } from "./deployment.ts";
import { inspectConfiguration, useClient } from "./inspect-configuration.ts";
import { configurationNames, envFileOf, RECORDED_COMMIT, readConfigurations } from "./recorded.ts";

const recorded = readConfigurations();

interface Essentials extends Outcome {
  readonly authorizationServer: { readonly scopes_supported: readonly string[] };
  readonly login: { readonly parameters: { readonly scope: string } };
}

/** What a later change meant to change in what an .env means. */
const INTENDED_CHANGES: Readonly<Record<string, (recorded: Essentials) => Outcome>> = {
  // Clerk is asked for a refresh token by scope: without it, sessions ended after a day.
  clerk: ({ authorizationServer, login, ...others }) => ({
    ...others,
    authorizationServer: {
      ...authorizationServer,
      scopes_supported: [...authorizationServer.scopes_supported, "offline_access"],
    },
    login: { ...login, parameters: { ...login.parameters, scope: `${login.parameters.scope} offline_access` } },
  }),
};

describe(`an .env that ${RECORDED_COMMIT} read`, () => {
  it.each(recorded.map((configuration) => [configuration.name, configuration] as const))(
    "means the same: %s",
    async (name, { essentials, client }) => {
      const deployment = await deploy(envFileOf("configurations", name));
      try {
        const expected = INTENDED_CHANGES[name]?.(essentials as Essentials) ?? essentials;
        expect(await inspectConfiguration(deployment.server)).toEqual(expected);
        if (client !== undefined) {
          expect(await useClient(deployment.server, client.id)).toEqual(client.outcome);
        }
      } finally {
        await deployment.close();
      }
    },
  );

  it("has its recording", () => {
    expect(recorded.map(({ name }) => name)).toEqual(configurationNames());
  });
});
