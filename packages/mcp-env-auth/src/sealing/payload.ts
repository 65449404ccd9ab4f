import { deflateRawSync, inflateRawSync } from "node:zlib";
import { packJws, unpackJws } from "./packed-jws.ts";

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
   * Compresses the payload where that makes it shorter; default false. The
   * length of a token then tells something about its contents, so nothing
   * that others choose belongs in it beside a secret.
   */
  readonly deflate?: boolean;
}

export interface UnpackOptions {
  /** How large the payload may be once inflated; default 64 KiB. */
  readonly maxBytes?: number;
}

/** What {@link unpackPayload} found, as {@link packPayload} got it. */
export interface UnpackedPayload {
  readonly fields: readonly PayloadField[];
  readonly nested: string | undefined;
}

const DEFAULT_MAX_BYTES = 64 * 1024;

/** Bits of the first byte. A nested text is the last field; a nested JWS follows the fields. */
const DEFLATED = 1;
const NESTED_TEXT = 2;
const NESTED_JWS = 4;

const HEAD_BYTES = 1;
const LENGTH_BYTES = 4;

/**
 * Fields, in the order the reader knows them by, and an optional nested token
 * as bytes to seal: one byte of flags, then the length of the fields as JSON,
 * the fields, and the JWS if any (all but the flags deflated if asked for).
 *
 * @throws RangeError when a number is not finite, which JSON has no word for.
 */
export function packPayload(
  fields: readonly PayloadField[],
  { nested, deflate = false }: PackOptions = {},
): Uint8Array {
  const jws = nested === undefined ? undefined : packJws(nested);
  const asText = nested !== undefined && jws === undefined;
  const json = Buffer.from(JSON.stringify(asText ? [...fields, nested] : fields, refuseNonFinite), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  const body = Buffer.concat([length, json, jws ?? new Uint8Array()]);
  const deflated = deflate ? deflateRawSync(body, { level: 9 }) : body;
  const shorter = deflated.length < body.length;
  const flags = (shorter ? DEFLATED : 0) | (asText ? NESTED_TEXT : 0) | (jws ? NESTED_JWS : 0);
  return Buffer.concat([Buffer.of(flags), shorter ? deflated : body]);
}

/**
 * The reverse of {@link packPayload}; `undefined` for anything it did not make
 * and for a payload of more than `maxBytes`, of which no more is inflated.
 * Never throws. Whether the fields are those of the expected type is the
 * caller's to know: by the purpose it was sealed for.
 */
export function unpackPayload(
  payload: Uint8Array,
  { maxBytes = DEFAULT_MAX_BYTES }: UnpackOptions = {},
): UnpackedPayload | undefined {
  try {
    return unpack(payload, maxBytes);
  } catch {
    return undefined;
  }
}

function unpack(payload: Uint8Array, maxBytes: number): UnpackedPayload | undefined {
  const flags = payload[0];
  if (flags === undefined || flags > (DEFLATED | NESTED_TEXT | NESTED_JWS)) {
    return undefined;
  }
  const packed = payload.subarray(HEAD_BYTES);
  const body = flags & DEFLATED ? inflateRawSync(packed, { maxOutputLength: maxBytes }) : Buffer.from(packed);
  if (body.length > maxBytes) {
    return undefined;
  }
  const end = LENGTH_BYTES + body.readUInt32BE(0);
  const rest = body.subarray(end);
  const fields: unknown = JSON.parse(
    new TextDecoder("utf-8", { fatal: true }).decode(body.subarray(LENGTH_BYTES, end)),
  );
  if (end > body.length || !Array.isArray(fields)) {
    return undefined;
  }
  switch (flags & ~DEFLATED) {
    case NESTED_JWS: {
      const nested = unpackJws(rest);
      return nested === undefined ? undefined : { fields, nested };
    }
    case NESTED_TEXT: {
      const nested: unknown = fields.at(-1);
      return typeof nested === "string" && rest.length === 0 ? { fields: fields.slice(0, -1), nested } : undefined;
    }
    case 0:
      return rest.length === 0 ? { fields, nested: undefined } : undefined;
    default:
      return undefined;
  }
}

function refuseNonFinite(_name: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError("A payload's numbers must be finite.");
  }
  return value;
}
