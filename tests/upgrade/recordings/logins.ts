import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { refresh } from "../steps.ts";

/** Records every stage of a login of each of `accounts`, each stage in a login of its own. */
export async function recordLogins(recorder: Recorder, ...accounts: readonly string[]): Promise<void> {
  const client = await recorder.register({ token_endpoint_auth_method: "none" });
  recorder.keep({ name: "public client", kind: "client", client, shows: ["Recorded client"] });
  for (const account of accounts) {
    const keep = (name: string, material: object) =>
      recorder.keep({ name: `${name} of ${account}`, ...material } as Parameters<Recorder["keep"]>[0]);

    keep("consent form", { kind: "consent form", client, account, ...(await recorder.openForm(client, { account })) });
    keep("login at the provider", { kind: "login", client, ...(await recorder.beginLogin(client, { account })) });
    keep("code", { kind: "code", client, code: await recorder.getCode(client, { account }) });
    const first = await recorder.logIn(client, { account });
    keep("access token", { kind: "access token", accessToken: first.access_token });
    keep("refresh token", { kind: "refresh token", client, refreshToken: first.refresh_token });
    const revoked = await recorder.logIn(client, { account });
    keep("session to revoke", {
      kind: "revocation",
      client,
      token: revoked.refresh_token,
      sessionToken: revoked.access_token,
    });
    const rotated = await rotate(recorder, client, (await recorder.logIn(client, { account })).refresh_token);
    keep("refreshed access token", { kind: "access token", accessToken: rotated.access_token });
    keep("rotated refresh token", { kind: "refresh token", client, refreshToken: rotated.refresh_token });
  }
}

async function rotate(
  { deployment }: Recorder,
  client: Parameters<typeof refresh>[1],
  refreshToken: string,
): Promise<Tokens> {
  return parse(await refresh(deployment, client, refreshToken), 200);
}
