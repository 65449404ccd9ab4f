import type { Recorder } from "../recorder.ts";
import { MCP_URL } from "../steps.ts";

/** Records tokens that the provider issued, and that the server takes as they are. */
export async function recordProviderTokens(
  recorder: Recorder,
  host: string,
  ...accounts: readonly string[]
): Promise<void> {
  for (const account of accounts) {
    const accessToken = await recorder.deployment.provider.accessTokenOf(host, account, MCP_URL);
    recorder.keep({ name: `the provider's token of ${account}`, kind: "access token", accessToken });
  }
}
