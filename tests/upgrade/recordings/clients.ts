import type { Recorder } from "../recorder.ts";
import { publicPart } from "../test-keys.ts";

/** Records a client of each kind, and a login through each kind that authenticates. */
export async function recordClients(recorder: Recorder): Promise<void> {
  const { keys } = recorder.deployment;
  const jwks = { keys: [publicPart(keys.client)] };
  const kinds: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    "client with client_secret_post": { token_endpoint_auth_method: "client_secret_post" },
    "client with client_secret_basic": { token_endpoint_auth_method: "client_secret_basic" },
    "client with private_key_jwt": {
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks,
    },
    "native client": { application_type: "native" },
  };
  for (const [name, metadata] of Object.entries(kinds)) {
    const client = await recorder.register({ ...metadata, client_name: name });
    recorder.keep({ name, kind: "client", client, shows: [name] });
    if (client.authMethod === "none") {
      continue;
    }
    const code = await recorder.getCode(client, { account: "alice" });
    recorder.keep({ name: `code of a ${name}`, kind: "code", client, code });
    const { refresh_token: refreshToken } = await recorder.logIn(client, { account: "alice" });
    recorder.keep({ name: `refresh token of a ${name}`, kind: "refresh token", client, refreshToken });
  }
  const withScopes = await recorder.register({ client_name: "client with scopes", scope: "openid weather:write" });
  recorder.keep({ name: "client with scopes", kind: "client", client: withScopes, shows: ["weather:write"] });
}
