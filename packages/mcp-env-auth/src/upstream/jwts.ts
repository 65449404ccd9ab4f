// What verifies JWTs, to be loaded in one piece once the server listens.
export { createRemoteKeys } from "./jwks.ts";
export { createJwtVerifier } from "./jwt-verifier.ts";
