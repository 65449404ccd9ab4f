import { MACHINES } from "../accounts.ts";
import type { RecordedClient } from "../artifacts.ts";
import { parse, type Recorder, type Tokens } from "../recorder.ts";
import { MCP_URL, requestTokens } from "../steps.ts";

/** Records tokens of machines: sealed ones, and the provider's own. */
export async function recordMachines(recorder: Recorder): Promise<void> {
  for (const id of Object.keys(MACHINES)) {
    const machine: RecordedClient = {
      id,
      authMethod: "client_secret_post",
      secret: "test-only machine secret",
      redirectUri: "",
    };
    const request = (dpop?: true) =>
      requestTokens(recorder.deployment, machine, { grant_type: "client_credentials" }, dpop);
    const { access_token: accessToken } = parse<Tokens>(await request(), 200);
    recorder.keep({ name: `sealed token of ${id}`, kind: "access token", accessToken });
    const bound = parse<Tokens>(await request(true), 200);
    recorder.keep({ name: `bound token of ${id}`, kind: "access token", accessToken: bound.access_token, dpop: true });
    const own = await recorder.deployment.provider.accessTokenOf("tenant.example.test", id, MCP_URL);
    recorder.keep({ name: `the provider's own token of ${id}`, kind: "access token", accessToken: own });
  }
}
