import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { refresh } from "../steps.ts";

/** Records artifacts under a signing key that the server of `rotated` knows as a previous one. */
export async function recordForRotation(recorder: Recorder, rotated: string): Promise<void> {
  const account = "alice";
  const keep: Recorder["keep"] = (material) => recorder.keep(material, rotated);
  const client = await recorder.register({ token_endpoint_auth_method: "client_secret_post" });
  keep({ name: "client of the previous key", kind: "client", client, shows: ["Recorded client"] });
  keep({
    name: "consent form of the previous key",
    kind: "consent form",
    client,
    account,
    ...(await recorder.openForm(client, { account })),
  });
  keep({
    name: "login of the previous key",
    kind: "login",
    client,
    ...(await recorder.beginLogin(client, { account })),
  });
  keep({ name: "code of the previous key", kind: "code", client, code: await recorder.getCode(client, { account }) });
  const first = await recorder.logIn(client, { account });
  keep({ name: "access token of the previous key", kind: "access token", accessToken: first.access_token });
  keep({ name: "refresh token of the previous key", kind: "refresh token", client, refreshToken: first.refresh_token });
  const { refresh_token: used } = await recorder.logIn(client, { account });
  const { refresh_token: refreshToken } = parse<Tokens>(await refresh(recorder.deployment, client, used), 200);
  keep({ name: "rotated refresh token of the previous key", kind: "refresh token", client, refreshToken });
}
