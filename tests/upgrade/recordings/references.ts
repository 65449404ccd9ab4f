import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { refresh } from "../steps.ts";

/** Records tokens that Redis keeps, and clients hold a reference to. */
export async function recordReferences(recorder: Recorder): Promise<void> {
  const { deployment } = recorder;
  const client = await recorder.register();
  const first = await recorder.logIn(client, { account: "alice" });
  const { refresh_token: used } = await recorder.logIn(client, { account: "alice" });
  const rotated = parse<Tokens>(await refresh(deployment, client, used), 200);
  const store = recorder.snapshot();
  const tokens = { "": first, "after a refresh": rotated };
  for (const [when, { access_token: accessToken, refresh_token: refreshToken }] of Object.entries(tokens)) {
    recorder.keep({ name: `access token by reference ${when}`.trim(), kind: "access token", accessToken, store });
    recorder.keep({
      name: `refresh token by reference ${when}`.trim(),
      kind: "refresh token",
      client,
      refreshToken,
      store,
    });
  }
  recorder.keep({
    name: "access token by a reference that Redis lost",
    kind: "access token",
    accessToken: first.access_token,
  });
}
