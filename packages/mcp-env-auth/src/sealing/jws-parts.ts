/** The parts of a JWS in compact form, decoded. */
export interface JwsParts {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The parts of a JWS in compact form (RFC 7515 section 7.1); `undefined` for any other text, and for a JWS that {@link
 * joinJws} would not spell the same again.
 */
export function splitJws(text: string): JwsParts | undefined {
  const [header, payload, signature, ...rest] = text.split(".", 4).map((part) => Buffer.from(part, "base64url"));
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    return undefined;
  }
  const parts = { header, payload, signature };
  return joinJws(parts) === text ? parts : undefined;
}

/** The compact form of a JWS. */
export function joinJws({ header, payload, signature }: JwsParts): string {
  return [header, payload, signature].map((part) => Buffer.from(part).toString("base64url")).join(".");
}
