import fc from "fast-check";
import { CLIENT_ID } from "./stand-in.ts";

type Claims = Readonly<Record<string, unknown>>;

export const ISSUERS = ["https://one.example", "https://two.example"] as const;

/** Somebody whom a provider issues tokens for. Two of them are the same if all of this is. */
export interface Principal {
  readonly kind: "machine" | "person";
  readonly issuer: string;
  /** A person's name or a machine's client id. */
  readonly id: string;
}

export const keyOf = ({ kind, issuer, id }: Principal) => JSON.stringify([kind, issuer, id]);

/** Names that people, applications and issuers could share, and some that only look alike. */
const NAMES = [
  ...["alice", "bob", "job", "1", "42", "-7", "alice ", "Alice", CLIENT_ID],
  ...["job@clients", "alice@clients", `${ISSUERS[0]}|alice`, `${ISSUERS[1]}|alice`, `${ISSUERS[1]}|job`],
  ...["", " ", "\u200b", "\ud800", "\udfff", "null", "undefined", "[object Object]"],
];

const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, fc.string({ unit: "binary", maxLength: 4 }));

export const principals = (issuers: readonly string[]): fc.Arbitrary<Principal> =>
  fc.record({ kind: fc.constantFrom("person", "machine"), issuer: fc.constantFrom(...issuers), id: name });

export const people = (issuers: readonly string[]): fc.Arbitrary<Principal> =>
  fc.record({ kind: fc.constant("person"), issuer: fc.constantFrom(...issuers), id: name });

/** How providers write a token for an id: one shape each. */
type Shape = (id: string) => Claims;

/** An id as a JSON number, at providers that number what they know. */
const numbered = (id: string): unknown => (String(Number(id)) === id ? Number(id) : id);

/** A person's, through the application `app`. */
export const PERSON_SHAPES: readonly Shape[] = [
  (sub) => ({ sub, client_id: "app" }),
  (sub) => ({ sub, azp: "app", typ: "Bearer" }),
  (sub) => ({ sub, cid: "app", uid: "00u1" }),
  (sub) => ({ sub, azp: "app", oid: "another", idtyp: "user" }),
  (sub) => ({ sub, azp: "app", gty: "password" }),
  (sub) => ({ sub: numbered(sub), client_id: 17 }),
  (sub) => ({ sub, client_id: null, azp: "app", cid: null, gty: null }),
  (sub) => ({ sub, client_id: ["app"] }),
  (sub) => ({ sub, client_id: { id: "app" }, azp: " " }),
  (sub) => ({ sub, username: "shared", preferred_username: "shared" }),
];

/** A person's, where the configuration names people by `username`. */
export const NAMED_SHAPES: readonly Shape[] = [
  (username) => ({ username, sub: "app", client_id: "app" }),
  (username) => ({ username, sub: "shared", azp: "app" }),
  (username) => ({ username: numbered(username), client_id: 17, sub: 17 }),
  (username) => ({ username, client_id: null }),
];

/** A machine's. */
export const MACHINE_SHAPES: readonly Shape[] = [
  (id) => ({ sub: id, client_id: id }),
  (id) => ({ sub: id, cid: id }),
  (id) => ({ sub: `${id}@clients`, azp: id, gty: "client-credentials" }),
  (id) => ({ azp: id, gty: "client-credentials" }),
  (id) => ({ sub: null, client_id: id, gty: "client-credentials" }),
  (id) => ({ sub: `object of ${id}`, oid: `object of ${id}`, idtyp: "app", azp: id }),
  (id) => ({ sub: numbered(id), client_id: numbered(id) }),
  (id) => ({ sub: id, client_id: numbered(id), azp: id, cid: null, gty: null }),
];

/** A person's in a userinfo document, or an `id` in its place. */
export const USERINFO_SHAPES: readonly Shape[] = [
  (sub) => ({ sub, name: "shared" }),
  (id) => ({ id, name: "shared", client_id: "app" }),
  (id) => ({ id: numbered(id), sub: null }),
];

export const USERINFO_MACHINE_SHAPES: readonly Shape[] = [
  (id) => ({ id, client_id: id }),
  (id) => ({ id: numbered(id), client_id: id, sub: null }),
];

/** Tokens that say of nobody whose they are. */
export const NAMELESS: readonly Claims[] = [
  ...[undefined, null, "", "  ", "\u200b", 2 ** 53, 1.5, true, ["alice"], { id: "alice" }, "\ud800"].flatMap((sub) => [
    { sub, client_id: "app" },
    { sub, azp: "alice", username: "" },
    { sub, cid: null, gty: "password" },
  ]),
];
