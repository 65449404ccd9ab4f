import { describe, expect, it } from "vitest";
import { deploy } from "./deployment.ts";
import { inspectConfiguration, useClient } from "./inspect-configuration.ts";
import { configurationNames, envFileOf, RECORDED_COMMIT, readConfigurations } from "./recorded.ts";

const recorded = readConfigurations();

describe(`an .env that ${RECORDED_COMMIT} read`, () => {
  it.each(recorded.map((configuration) => [configuration.name, configuration] as const))(
    "means the same: %s",
    async (name, { essentials, client }) => {
      const deployment = await deploy(envFileOf("configurations", name));
      try {
        expect(await inspectConfiguration(deployment.server)).toEqual(essentials);
        if (client !== undefined) expect(await useClient(deployment.server, client.id)).toEqual(client.outcome);
      } finally {
        await deployment.close();
      }
    },
  );

  it("has its recording", () => {
    expect(recorded.map(({ name }) => name)).toEqual(configurationNames());
  });
});
