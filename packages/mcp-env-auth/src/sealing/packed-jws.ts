/** The lengths of header and payload, before the three parts. */
const LENGTHS_BYTES = 8;

/**
 * A JWS in compact form (RFC 7515 section 7.1) as raw bytes, a quarter shorter
 * than its text; `undefined` for any other text, and for a JWS that
 * {@link unpackJws} would not spell the same again.
 */
export function packJws(text: string): Uint8Array | undefined {
  const parts = text.split(".", 4);
  const decoded = parts.map((part) => Buffer.from(part, "base64url"));
  const [header, payload, signature] = decoded;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    return undefined;
  }
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(header.length, 0);
  lengths.writeUInt32BE(payload.length, 4);
  const packed = Buffer.concat([lengths, header, payload, signature]);
  return unpackJws(packed) === text ? packed : undefined;
}

/** The JWS that {@link packJws} packed, byte for byte; `undefined` when the lengths don't fit. */
export function unpackJws(packed: Uint8Array): string | undefined {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (bytes.length < LENGTHS_BYTES) {
    return undefined;
  }
  const payloadStart = LENGTHS_BYTES + bytes.readUInt32BE(0);
  const signatureStart = payloadStart + bytes.readUInt32BE(4);
  if (signatureStart > bytes.length) {
    return undefined;
  }
  return [
    bytes.subarray(LENGTHS_BYTES, payloadStart),
    bytes.subarray(payloadStart, signatureStart),
    bytes.subarray(signatureStart),
  ]
    .map((part) => part.toString("base64url"))
    .join(".");
}
