import { MACHINES } from "./accounts.ts";
import type { Recorder } from "./recorder.ts";
import { recordClients } from "./recordings/clients.ts";
import { recordEnterprise } from "./recordings/enterprise.ts";
import { recordLogins } from "./recordings/logins.ts";
import { recordMachines } from "./recordings/machines.ts";
import { recordForRotation } from "./recordings/previous-key.ts";
import { recordProofs } from "./recordings/proofs.ts";
import { recordProviderTokens } from "./recordings/provider-tokens.ts";
import { recordReferences } from "./recordings/references.ts";
import { recordScopes } from "./recordings/scopes.ts";
import { recordStore } from "./recordings/store.ts";

/** Of JWTs that do not name their user in a way that the standards know. */
const WITHOUT_SUBJECT = ["azp without sub", "client_id without sub", "cid without sub", "numeric sub", "empty sub"];

/** Of tokens that are looked up. */
const OPAQUE = ["alice", "username without sub", "client_id only", "numeric sub"];

const machines = Object.keys(MACHINES);

type Recording = (recorder: Recorder) => Promise<void>;

const logins =
  (...accounts: readonly string[]): Recording =>
  (recorder) =>
    recordLogins(recorder, ...accounts);

const providerTokens =
  (host: string, ...accounts: readonly string[]): Recording =>
  (recorder) =>
    recordProviderTokens(recorder, host, ...accounts);

/** What is recorded of each environment, by the name of its `.env`. */
export const ENVIRONMENTS: Readonly<Record<string, readonly Recording[]>> = {
  auth0: [
    logins("alice"),
    recordClients,
    recordScopes,
    recordProofs,
    (recorder) => recordForRotation(recorder, "auth0-rotated"),
  ],
  "auth0-rotated": [logins("alice")],
  "auth0-short-secret": [logins("alice")],
  "auth0-organizations": [logins("alice of an organization")],
  "auth0-machines": [logins("alice"), recordMachines, recordEnterprise],
  "auth0-redis": [logins("alice"), recordStore("openid weather:read weather:write")],
  "auth0-reference": [recordReferences],
  oidc: [logins("alice")],
  keycloak: [logins(...WITHOUT_SUBJECT)],
  "oauth-introspection": [logins(...OPAQUE)],
  "oauth-introspection-redis": [recordStore("weather:read weather:write")],
  "oauth-userinfo": [logins("alice")],
  github: [logins("alice")],
  jwt: [providerTokens("tenant.example.test", ...WITHOUT_SUBJECT, "alice", "alice of an organization", ...machines)],
  introspection: [providerTokens("idp.example.test", ...OPAQUE)],
};
