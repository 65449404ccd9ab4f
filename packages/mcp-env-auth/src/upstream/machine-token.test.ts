import { expect, it } from "vitest";
import { canBeOf, machineOf } from "./machine-token.ts";

it.each([
  ["Auth0's", { azp: "m2m", sub: "m2m@clients", gty: "client-credentials" }],
  ["Auth0's in the RFC 9068 profile", { client_id: "m2m", sub: "m2m@clients" }],
  ["RFC 9068's", { client_id: "m2m", sub: "m2m" }],
  ["Okta's", { cid: "m2m", sub: "m2m" }],
  ["Entra's", { azp: "m2m", sub: "object id", oid: "object id", idtyp: "app" }],
  ["one that names its client twice", { azp: "m2m", client_id: "m2m", sub: "m2m" }],
])("knows the client of a machine's token: %s", (_name, claims) => {
  expect(machineOf({ claims })).toBe("m2m");
});

it.each([
  ["a user's", { azp: "m2m", sub: "auth0|alice" }],
  ["a user's of another grant", { azp: "m2m", sub: "m2m@clients", gty: "password" }],
  ["of no client", { sub: "m2m" }],
  ["of nobody", { azp: "m2m" }],
  ["of two clients", { azp: "m2m", client_id: "other", sub: "m2m" }],
  ["of two clients, the first of which is the subject", { client_id: "m2m", azp: "other", sub: "m2m" }],
  ["of two clients that states the grant", { client_id: "m2m", cid: "other", sub: "m2m", gty: "client-credentials" }],
  ["of a client and something else", { client_id: "m2m", azp: ["m2m"], sub: "m2m" }],
  ["of another client", { azp: "other", sub: "m2m@clients" }],
  ["of a list", { azp: ["m2m"], sub: "m2m@clients" }],
  ["of an empty name", { azp: "", sub: "" }],
  ["a user's that calls itself an application's", { azp: "m2m", sub: "auth0|alice", idtyp: "app" }],
  ["a user's of Entra that does", { azp: "m2m", sub: "pairwise", oid: "object id", idtyp: "app" }],
  ["a user whose id ends like a machine's", { azp: "m2m", sub: "auth0|m2m@clients" }],
])("takes a token %s for no machine's", (_name, claims) => {
  expect(machineOf({ claims })).toBeUndefined();
});

it.each([
  ["its own", { azp: "m2m", sub: "m2m@clients", gty: "client-credentials" }, true],
  ["an agent's", { azp: "m2m", sub: "agt_1", gty: "client-credentials" }, true],
  ["an agent's that says so", { client_id: "m2m", sub: "agt_1", sub_profile: "ai_agent" }, true],
  ["an agent's whose id reads as a user's", { client_id: "m2m", sub: "auth0|alice", sub_profile: "ai_agent" }, true],
  ["a service account's", { azp: "m2m", sub: "1e9f4c6a" }, true],
  ["a user's by its id", { azp: "m2m", sub: "auth0|alice" }, false],
  ["a user's by its profile", { azp: "m2m", sub: "1e9f4c6a", sub_profile: "user" }, false],
  ["one in which somebody acts for another", { azp: "m2m", sub: "agt_1", act: { sub: "agt_2" } }, false],
  ["another client's agent's", { azp: "other", sub: "agt_1", sub_profile: "ai_agent" }, false],
])("takes a token that a machine got for its credentials for its own, or not: %s", (_name, claims, expected) => {
  expect(canBeOf("m2m", { claims })).toBe(expected);
});
