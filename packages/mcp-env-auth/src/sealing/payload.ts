import { deflateRawSync, inflateRawSync } from "node:zlib";
import { joinJws, splitJws } from "./jws-parts.ts";

/** What a payload's fields may hold: JSON (RFC 8259). */
export type PayloadField =
  | string
  | number
  | boolean
  | null
  | readonly PayloadField[]
  | { readonly [name: string]: PayloadField };

export interface PackOptions {
  /** A token to carry along: a JWS travels as raw bytes, anything else as it is. */
  readonly nested?: string | undefined;
  /**
   * Compresses the payload where that makes it shorter; default false. The length of a token then tells something about
   * its contents, so nothing that others choose belongs in it beside a secret.
   */
  readonly deflate?: boolean;
}

export interface UnpackOptions {
  /** How large the fields and the nested token's text may be once inflated; default 64 KiB. */
  readonly maxBytes?: number;
}

/** What {@link unpackPayload} found, as {@link packPayload} got it. */
export interface UnpackedPayload {
  readonly fields: readonly PayloadField[];
  readonly nested: string | undefined;
}

const DEFAULT_MAX_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

/** Bits of the first byte. A nested text is the last field; a nested JWS follows the fields. */
const DEFLATED = 1;
const NESTED_TEXT = 2;
const NESTED_JWS = 4;

/**
 * Fields, in the order the reader knows them by, and an optional nested token, as bytes to seal: a byte of flags, the
 * signature of a nested JWS, and a body of the fields as JSON and the JWS's header and payload. Every part but the last
 * has its length before it. The body alone is deflated, since the signature would only make it longer.
 *
 * @throws RangeError when a number is not finite, which JSON has no word for.
 */
export function packPayload(
  fields: readonly PayloadField[],
  { nested, deflate = false }: PackOptions = {},
): Uint8Array {
  const jws = nested === undefined ? undefined : splitJws(nested);
  const asText = nested !== undefined && jws === undefined;
  const json = Buffer.from(JSON.stringify(asText ? [...fields, nested] : fields, refuseNonFinite), "utf8");
  const body = Buffer.concat([withLength(json), ...(jws ? [withLength(jws.header), jws.payload] : [])]);
  const deflated = deflate ? deflateRawSync(body, { level: 9 }) : body;
  const shorter = deflated.length < body.length;
  const flags = (shorter ? DEFLATED : 0) | (asText ? NESTED_TEXT : 0) | (jws ? NESTED_JWS : 0);
  return Buffer.concat([Buffer.of(flags), jws ? withLength(jws.signature) : Buffer.of(), shorter ? deflated : body]);
}

/**
 * The reverse of {@link packPayload}; `undefined` for anything it did not make and for a body of more than `maxBytes`,
 * of which no more is inflated. Never throws. Whether the fields are those of the expected type is the caller's to
 * know, by the purpose it was sealed for.
 */
export function unpackPayload(
  payload: Uint8Array,
  { maxBytes = DEFAULT_MAX_BYTES }: UnpackOptions = {},
): UnpackedPayload | undefined {
  try {
    return unpack(Buffer.from(payload), maxBytes);
  } catch {
    return undefined;
  }
}

function unpack(packed: Buffer, maxBytes: number): UnpackedPayload | undefined {
  const flags = packed.readUInt8();
  const nesting = flags & ~DEFLATED;
  const [signature, packedBody] =
    nesting === NESTED_JWS ? takeWithLength(packed.subarray(1)) : [Buffer.of(), packed.subarray(1)];
  const body =
    flags & DEFLATED ? inflateRawSync(packedBody, { maxOutputLength: maxBytes }) : atMost(maxBytes, packedBody);
  const [json, rest] = takeWithLength(body);
  const fields: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  if (!Array.isArray(fields)) {
    return undefined;
  }
  if (nesting === NESTED_JWS) {
    const [header, jwsPayload] = takeWithLength(rest);
    return { fields, nested: joinJws({ header, payload: jwsPayload, signature }) };
  }
  if (rest.length > 0) {
    return undefined;
  }
  if (nesting === NESTED_TEXT) {
    const nested: unknown = fields.pop();
    return typeof nested === "string" ? { fields, nested } : undefined;
  }
  return nesting === 0 ? { fields, nested: undefined } : undefined;
}

function atMost(maxBytes: number, body: Buffer): Buffer {
  if (body.length > maxBytes) {
    throw new RangeError("A packed body is too long.");
  }
  return body;
}

function withLength(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** What {@link withLength} wrote, and what follows it. Throws when it is cut off. */
function takeWithLength(bytes: Buffer): [Buffer, Buffer] {
  const end = LENGTH_BYTES + bytes.readUInt32BE();
  if (end > bytes.length) {
    throw new RangeError("A packed part is cut off.");
  }
  return [bytes.subarray(LENGTH_BYTES, end), bytes.subarray(end)];
}

function refuseNonFinite(_name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError("A payload's numbers must be finite.");
  }
  return value;
}
