// A file of its own: a lazy seam. What verifies JWTs is loaded in one piece, once the server listens.
export { createRemoteKeys } from "./jwks.ts";
export { createJwtVerifier } from "./jwt-verifier.ts";
