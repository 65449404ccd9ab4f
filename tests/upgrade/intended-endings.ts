import type { Outcome } from "./artifacts.ts";

/** A recorded artifact's new outcome. */
export type NewOutcome =
  /** The token endpoint refuses. */
  | { readonly token: Refusal }
  /** The MCP endpoint refuses. */
  | { readonly call: Refusal }
  /** Everything works as recorded, but the tool gets this subject. */
  | { readonly subject: string };

interface Refusal {
  readonly status: number;
  readonly error: string;
}

/** Recorded artifacts that a later change ended, or gave another outcome, on purpose. */
export interface IntendedEnding {
  /** Why, in a sentence that can stand in a changelog. */
  readonly reason: string;
  /** Names of artifacts, as in the recording. */
  readonly artifacts: readonly string[];
  /** What the caller sees. Steps before it, such as the redirects of a login, stay as recorded. */
  readonly sees: NewOutcome;
}

/** Kinds of artifacts: a login under way, what a session holds, and a token that the provider issued to the client. */
const LOGIN = ["consent form", "login at the provider", "code"];
const ACCESS = ["access token", "refreshed access token"];
const REFRESH = ["refresh token", "rotated refresh token"];
const OWN_TOKEN = ["the provider's token"];

/** Access tokens of these accounts have no usable `sub`. Their subject was the application's client id. */
const NAMELESS = ["azp without sub", "client_id without sub", "cid without sub", "empty sub"];
/** The `sub` of its JWTs is the number 1042. Its subject was also the application's client id. */
const NUMBERED = ["numeric sub"];
/** Introspection of these accounts has no `sub`. Their subject was `username`, or the application's client id. */
const LOOKED_UP = ["username without sub", "client_id only"];
/** A machine whose `sub` is its client id. */
const MACHINE = ["rfc9068-job"];

const INVALID_TOKEN = { call: { status: 401, error: "invalid_token" } };
const INVALID_GRANT = { token: { status: 400, error: "invalid_grant" } };
const SERVER_ERROR = { token: { status: 502, error: "server_error" } };

/** All of them. An artifact that is not listed here must work exactly as it did at the recorded commit. */
export const INTENDED_ENDINGS: readonly IntendedEnding[] = [
  {
    reason: "A session that was opened under the application's client id ends at its next use.",
    artifacts: namesOf("keycloak", ACCESS, [...NAMELESS, ...NUMBERED]),
    sees: INVALID_TOKEN,
  },
  {
    reason: "A session that was opened under the application's client id ends at its next refresh.",
    artifacts: namesOf("keycloak", REFRESH, [...NAMELESS, ...NUMBERED]),
    sees: INVALID_GRANT,
  },
  {
    reason: "If the access token names nobody, a login gets the subject of its id token.",
    artifacts: namesOf("keycloak", LOGIN, NAMELESS),
    sees: { subject: "f3c1a7e0-alice" },
  },
  {
    reason: "A `sub` that is a whole number identifies its user by its digits.",
    artifacts: [...namesOf("keycloak", LOGIN, NUMBERED), ...namesOf("jwt", OWN_TOKEN, NUMBERED)],
    sees: { subject: "1042" },
  },
  {
    reason: "A session that was opened under `username` or the application's client id ends at its next use.",
    artifacts: namesOf("oauth-introspection", ACCESS, LOOKED_UP),
    sees: INVALID_TOKEN,
  },
  {
    reason: "A session that was opened under `username` or the application's client id ends at its next refresh.",
    artifacts: namesOf("oauth-introspection", REFRESH, LOOKED_UP),
    sees: INVALID_GRANT,
  },
  {
    reason: "A login gets no token if introspection does not identify its user.",
    artifacts: namesOf("oauth-introspection", LOGIN, LOOKED_UP),
    sees: SERVER_ERROR,
  },
  {
    reason: "A provider's token that clients bring is refused if it identifies nobody.",
    artifacts: [...namesOf("jwt", OWN_TOKEN, NAMELESS), ...namesOf("introspection", OWN_TOKEN, LOOKED_UP)],
    sees: INVALID_TOKEN,
  },
  {
    reason: "Without an audience, introspection must say that a token is an access token: it may be a refresh token.",
    artifacts: namesOf("introspection", OWN_TOKEN, ["alice", "numeric sub"]),
    sees: INVALID_TOKEN,
  },
  {
    reason: "The subject of every machine is `<client id>@clients`, which no user's can be.",
    artifacts: [
      ...namesOf("auth0-machines", ["sealed token", "bound token", "the provider's own token"], MACHINE),
      ...namesOf("jwt", OWN_TOKEN, MACHINE),
    ],
    sees: { subject: "rfc9068-job@clients" },
  },
];

/** The names of all `kinds` of artifacts of all `accounts` in one environment. */
function namesOf(environment: string, kinds: readonly string[], accounts: readonly string[]): readonly string[] {
  return accounts.flatMap((account) => kinds.map((kind) => `${environment}: ${kind} of ${account}`));
}

/** The steps that a refusal replaces. */
const LAST_STEPS = ["token", "caller", "call"];

/** What `recorded` turns into by an ending that the caller sees as `sees`. */
export function endedOutcome(recorded: Outcome, sees: NewOutcome): Outcome {
  if ("subject" in sees) {
    return { ...recorded, caller: { ...(recorded.caller as Outcome), subject: sees.subject } };
  }
  const before = Object.entries(recorded).filter(([step]) => !LAST_STEPS.includes(step));
  return { ...Object.fromEntries(before), ...sees };
}
