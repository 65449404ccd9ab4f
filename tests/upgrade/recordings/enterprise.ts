import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { BASE_URL, MCP_URL, requestTokens } from "../steps.ts";
import { signJwt } from "../test-keys.ts";

/** Records tokens that an enterprise's assertion opened (ID-JAG). */
export async function recordEnterprise(recorder: Recorder): Promise<void> {
  const { deployment } = recorder;
  const client = await recorder.register({ token_endpoint_auth_method: "client_secret_post" });
  const open = async (jti: string, dpop?: true) => {
    const assertion = await signJwt(
      deployment.keys.enterprise,
      {
        iss: "https://enterprise.example.test",
        sub: "00u1",
        aud: `${BASE_URL}/`,
        resource: MCP_URL,
        client_id: client.id,
        jti,
        iat: deployment.now,
        exp: deployment.now + 300,
        scope: "weather:read",
        email: "ada@example.test",
      },
      { typ: "oauth-id-jag+jwt" },
    );
    const parameters = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
    return parse<Tokens>(await requestTokens(deployment, client, parameters, dpop), 200).access_token;
  };
  recorder.keep({ name: "token of an enterprise's user", kind: "access token", accessToken: await open("one") });
  recorder.keep({
    name: "bound token of an enterprise's user",
    kind: "access token",
    accessToken: await open("two", true),
    dpop: true,
  });
}
