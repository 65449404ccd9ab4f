import type { EndpointRequest } from "../../endpoint.ts";

/** Client credentials in the Authorization header, of which the secret may be empty. */
export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * Reads HTTP Basic credentials as RFC 6749 section 2.3.1 has them: form-encoded within. Some clients put them behind a
 * bearer token, in one header. `undefined` without such a header.
 */
export function readBasicCredentials({ headers }: EndpointRequest): BasicCredentials | "unreadable" | undefined {
  const [, encoded] = /^(?:bearer +[^\s,]+ *, *)?basic +(\S+)$/i.exec((headers.authorization ?? []).join(", ")) ?? [];
  if (encoded === undefined) {
    return undefined;
  }
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  try {
    return id === undefined || secret === undefined ? "unreadable" : { id: formDecode(id), secret: formDecode(secret) };
  } catch {
    return "unreadable";
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
