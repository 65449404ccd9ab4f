import type { RecordedClient, StoredEntry } from "../artifacts.ts";
import { deploy, type RunningDeployment } from "../deployment.ts";
import type { Answer } from "../harness.ts";
import { envFileOf } from "../recorded.ts";
import { type LoginOptions, parse, type Recorder, type Tokens } from "../recorder.ts";
import { BASE_URL, openCallback, postAs, redeem, refresh } from "../steps.ts";

/** Records what Redis keeps of answers that clients have not got, and of what was used or ended. */
export const recordStore =
  (scope: string) =>
  async (recorder: Recorder): Promise<void> => {
    const client = await recorder.register();
    const login = { account: "alice", scope };
    await recordKeptAnswers(recorder, client, login);
    await recordUsed(recorder, client, login);
    await recordRevoked(recorder, client, login);
  };

/** The provider would not give these twice. */
async function recordKeptAnswers(recorder: Recorder, client: RecordedClient, login: LoginOptions): Promise<void> {
  const { deployment } = recorder;
  const kept = { client, providerRefuses: true } as const;

  const { refresh_token: refreshToken } = await recorder.logIn(client, login);
  deployment.redis.clear();
  parse(await refresh(deployment, client, refreshToken), 200);
  const store = recorder.snapshot();
  recorder.keep({ name: "answer to a refresh, kept", kind: "refresh token", refreshToken, store, ...kept });

  const code = await recorder.getCode(client, login);
  const ofCode = await withoutVerification(recorder, (other) => redeem(other, client, code));
  recorder.keep({ name: "exchange of a code, kept", kind: "code", code, store: ofCode, ...kept });

  const session = (await recorder.logIn(client, login)).refresh_token;
  const ofRefresh = await withoutVerification(recorder, (other) => refresh(other, client, session));
  const name = "exchange of a refresh token, kept";
  recorder.keep({ name, kind: "refresh token", refreshToken: session, store: ofRefresh, ...kept });
}

/**
 * Lets a server that knows no key get the provider's tokens while they can't be verified. @returns what Redis holds
 * then
 */
async function withoutVerification(
  { environment }: Recorder,
  request: (deployment: RunningDeployment) => Promise<Answer>,
): Promise<Readonly<Record<string, StoredEntry>>> {
  const deployment = await deploy(envFileOf("environments", environment));
  try {
    deployment.provider.verificationIsDown = true;
    parse(await request(deployment), 503);
    return deployment.redis.entries();
  } finally {
    await deployment.close();
  }
}

async function recordUsed(recorder: Recorder, client: RecordedClient, login: LoginOptions): Promise<void> {
  const { deployment } = recorder;

  deployment.redis.clear();
  const code = await recorder.getCode(client, login);
  const { access_token: accessToken } = parse<Tokens>(await redeem(deployment, client, code), 200);
  const used = recorder.snapshot();
  recorder.keep({ name: "code that was used", kind: "code", client, code, sessionToken: accessToken, store: used });
  parse(await redeem(deployment, client, code), 400);
  const replayed = recorder.snapshot();
  recorder.keep({ name: "access token of a code that came twice", kind: "access token", accessToken, store: replayed });

  deployment.redis.clear();
  const begun = await recorder.beginLogin(client, login);
  await openCallback(deployment, begun.callback, begun.cookie);
  recorder.keep({ name: "login that was finished", kind: "login", client, ...begun, store: recorder.snapshot() });

  deployment.redis.clear();
  const first = await recorder.logIn(client, login);
  const second = parse<Tokens>(await refresh(deployment, client, first.refresh_token), 200);
  const third = parse<Tokens>(await refresh(deployment, client, second.refresh_token), 200);
  const store = recorder.snapshot();
  const tokens = {
    "refresh token that was used a moment ago, for other scopes": {
      refreshToken: second.refresh_token,
      scope: "weather:read",
    },
    "refresh token that leaked": {
      refreshToken: first.refresh_token,
      scope: "weather:read",
      sessionToken: third.access_token,
    },
    "refresh token after two rotations": { refreshToken: third.refresh_token },
  };
  for (const [name, token] of Object.entries(tokens)) {
    recorder.keep({ name, kind: "refresh token", client, store, ...token });
  }
}

async function recordRevoked(recorder: Recorder, client: RecordedClient, login: LoginOptions): Promise<void> {
  const { deployment } = recorder;
  const revoke = async (token: string) => {
    const answer = await postAs(deployment, client, `${BASE_URL}/revoke`, { token });
    if (answer.status !== 200) {
      throw new Error(`The revocation failed: ${answer.status} ${answer.text}`);
    }
  };

  deployment.redis.clear();
  const { access_token: accessToken, refresh_token: refreshToken } = await recorder.logIn(client, login);
  await revoke(accessToken);
  const tokenDenied = recorder.snapshot();
  recorder.keep({ name: "revoked access token", kind: "access token", accessToken, store: tokenDenied });
  recorder.keep({
    name: "refresh token of a revoked access token",
    kind: "refresh token",
    client,
    refreshToken,
    store: tokenDenied,
  });
  await revoke(refreshToken);
  const sessionDenied = recorder.snapshot();
  recorder.keep({ name: "revoked refresh token", kind: "refresh token", client, refreshToken, store: sessionDenied });

  deployment.redis.clear();
  const ended = await recorder.logIn(client, login);
  await recorder.runCommand("revoke", "--subject", "auth0|alice");
  const userEnded = recorder.snapshot();
  const ofUser = "of a user whose sessions were ended";
  recorder.keep({
    name: `access token ${ofUser}`,
    kind: "access token",
    accessToken: ended.access_token,
    store: userEnded,
  });
  recorder.keep({
    name: `refresh token ${ofUser}`,
    kind: "refresh token",
    client,
    refreshToken: ended.refresh_token,
    store: userEnded,
  });

  for (const [what, option] of [
    ["user", ["--subject", "auth0|alice"]],
    ["client", ["--client", client.id]],
  ] as const) {
    deployment.redis.clear();
    const session = await recorder.logIn(client, login);
    const code = await recorder.getCode(client, login);
    await recorder.runCommand("revoke", ...option, "--block");
    const store = recorder.snapshot();
    recorder.keep({
      name: `access token of a blocked ${what}`,
      kind: "access token",
      accessToken: session.access_token,
      store,
    });
    recorder.keep({
      name: `refresh token of a blocked ${what}`,
      kind: "refresh token",
      client,
      refreshToken: session.refresh_token,
      store,
    });
    recorder.keep({ name: `code of a blocked ${what}`, kind: "code", client, code, store });
  }
}
