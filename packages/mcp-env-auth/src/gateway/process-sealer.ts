// A file of its own: both kinds of upstream need it.
import { randomId } from "../lib/secrets.ts";
import { createKeyring } from "../sealing/keyring.ts";
import { createRootKeys } from "../sealing/root-keys.ts";
import type { Sealer } from "../sessions/session-id.ts";

/** Seals under a key that nobody else has, replicas neither: for providers without a signing key. */
export async function createProcessSealer(): Promise<Sealer> {
  return createKeyring(await createRootKeys({ secret: `${randomId()}${randomId()}` }), []);
}
