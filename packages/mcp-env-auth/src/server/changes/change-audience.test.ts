import { describe, expect, it } from "vitest";
import { type AccessToken, runWithAccessToken } from "../../access-token.ts";
import { silentLogger } from "../../logger.ts";
import { Registrations } from "../offer/registrations.ts";
import { offerOf } from "../testing/offer.ts";
import { createChangeAudience } from "./change-audience.ts";

const alice: AccessToken = {
  token: "t",
  clientId: "c",
  scopes: ["read"],
  expiresAt: 2e9,
  claims: {},
  subject: "alice",
};

/** Whether Alice may learn that the resource has changed that `config` describes. */
async function mayLearn(config: object): Promise<boolean> {
  const registrations = new Registrations();
  registrations.addResource("one", "test://one", config, () => "one");
  const audience = createChangeAudience(offerOf(registrations), silentLogger);
  return runWithAccessToken(alice, async () => audience({ kind: "resource_updated", uri: "test://one" }));
}

describe("who may learn that a resource has changed", () => {
  it.each<[string, object, boolean]>([
    ["without a rule", {}, true],
    ["with a rule that is met", { requiredScopes: ["read"] }, true],
    ["with a rule that is not met", { requiredScopes: ["write"] }, false],
    ["with authorize that says yes", { authorize: () => true }, true],
    ["with authorize that says no", { authorize: () => false }, false],
    ["with a scope challenge of the SDK's, which only its handler can ask", { scopeChallenge: () => undefined }, false],
  ])("%s", async (_which, config, may) => {
    expect(await mayLearn(config)).toBe(may);
  });

  it("is nobody, of a resource that is not registered, and of lists that never change", async () => {
    const audience = createChangeAudience(offerOf(new Registrations()), silentLogger);
    expect(audience({ kind: "resource_updated", uri: "test://one" })).toBe(false);
    expect(audience({ kind: "tools_list_changed" })).toBe(false);
    expect(audience({ kind: "prompts_list_changed" })).toBe(false);
    expect(audience({ kind: "resources_list_changed" })).toBe(false);
  });
});
