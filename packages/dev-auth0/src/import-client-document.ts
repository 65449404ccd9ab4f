import { readClientMetadata, thirdPartyApplication } from "./client-metadata.ts";
import type { Tenant } from "./tenant.ts";

/**
 * "Import from URL": makes a strict third-party application of a client id metadata document.
 *
 * @param document What is there. Default: it is fetched.
 * @throws Error when it is not the document of that client.
 */
export async function importClientDocument(tenant: Tenant, url: string, document?: unknown): Promise<void> {
  const found = document ?? (await fetchDocument(url));
  const { client_id: clientId } = (found ?? {}) as { client_id?: unknown };
  if (clientId !== url) {
    throw new Error(`The document at ${url} is of the client ${clientId}.`);
  }
  const metadata = readClientMetadata(found);
  if (metadata.token_endpoint_auth_method.startsWith("client_secret_")) {
    throw new Error(`The document at ${url} must say none or private_key_jwt: it is no place for a secret.`);
  }
  tenant.applications.set(url, thirdPartyApplication(url, metadata));
}

async function fetchDocument(url: string): Promise<unknown> {
  const answer = await fetch(url, { redirect: "error" });
  if (!answer.ok) {
    throw new Error(`${url} answered ${answer.status}.`);
  }
  return answer.json();
}
