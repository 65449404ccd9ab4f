// Prints new keys for the recording. A recording with other keys is another recording: see README.md.
import { exportJWK, generateKeyPair } from "jose";

/** @param {string} alg @param {string} kid */
async function generate(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, kid };
}

const keys = {
  providerRsa: await generate("RS256", "provider-rsa"),
  providerEc: await generate("ES256", "provider-ec"),
  enterprise: await generate("ES256", "enterprise"),
  dpop: await generate("ES256", "dpop"),
  client: await generate("ES256", "client"),
};
const notice = "Test only: generated for the upgrade fixture. These keys protect nothing.";
console.log(JSON.stringify({ notice, keys }, null, 2));
