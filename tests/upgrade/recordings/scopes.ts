import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { refresh } from "../steps.ts";

/** Records tokens whose scopes are more, or fewer, than those that every token carries. */
export async function recordScopes(recorder: Recorder): Promise<void> {
  const client = await recorder.register();
  const scope = "openid weather:read weather:write offline_access";
  const logIn = (account = "alice") => recorder.logIn(client, { account, scope });

  const all = await logIn();
  recorder.keep({ name: "access token with every scope", kind: "access token", accessToken: all.access_token });
  recorder.keep({
    name: "code with every scope",
    kind: "code",
    client,
    code: await recorder.getCode(client, { account: "alice", scope }),
  });
  recorder.keep({
    name: "refresh token that is narrowed",
    kind: "refresh token",
    client,
    refreshToken: all.refresh_token,
    scope: "openid weather:read",
  });
  const narrowed = await refresh(recorder.deployment, client, (await logIn()).refresh_token, "openid weather:read");
  const tokens = parse<Tokens>(narrowed, 200);
  recorder.keep({ name: "narrowed access token", kind: "access token", accessToken: tokens.access_token });
  recorder.keep({
    name: "refresh token of a narrowed access token",
    kind: "refresh token",
    client,
    refreshToken: tokens.refresh_token,
  });
  const permitted = await logIn("alice with permissions");
  recorder.keep({ name: "access token with permissions", kind: "access token", accessToken: permitted.access_token });
}
