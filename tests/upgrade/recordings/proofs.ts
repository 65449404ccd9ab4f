import type { Recorder } from "../recorder.ts";
import { thumbprint } from "../test-keys.ts";

/** Records what is bound to a key (DPoP, RFC 9449). */
export async function recordProofs(recorder: Recorder): Promise<void> {
  const dpopJkt = await thumbprint(recorder.deployment.keys.dpop);
  const bound = { dpop: true } as const;
  const kinds = {
    "client with dpop_bound_access_tokens": { dpop_bound_access_tokens: true },
    "confidential client that uses DPoP": { token_endpoint_auth_method: "client_secret_post" },
  };
  for (const [name, metadata] of Object.entries(kinds)) {
    const client = await recorder.register({ ...metadata, client_name: name });
    const login = { account: "alice", dpopJkt, ...bound };
    const code = await recorder.getCode(client, login);
    recorder.keep({ name: `bound code of a ${name}`, kind: "code", client, code, ...bound });
    recorder.keep({ name: `code without its proof, of a ${name}`, kind: "code", client, code });
    const { access_token: accessToken, refresh_token: refreshToken } = await recorder.logIn(client, login);
    recorder.keep({ name: `bound access token of a ${name}`, kind: "access token", accessToken, ...bound });
    recorder.keep({ name: `bound access token without its proof, of a ${name}`, kind: "access token", accessToken });
    recorder.keep({ name: `bound refresh token of a ${name}`, kind: "refresh token", client, refreshToken, ...bound });
    recorder.keep({ name: `refresh token without a proof, of a ${name}`, kind: "refresh token", client, refreshToken });
  }
}
