import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { createRemoteJWKSet, jwtVerify } from "jose";

/**
 * @typedef {object} Note
 * @property {string} id
 * @property {string} text
 */

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {unknown} body
 */

/**
 * Starts a small HTTP API that keeps notes for each user, in memory: `GET /notes` needs the scope `notes:read`, `POST
 * /notes` needs `notes:write`. It accepts tokens for its own audience only, as any API should (RFC 9068 section 4).
 *
 * @param {string} issuer Of the tokens it accepts.
 * @param {string} audience Of the tokens it accepts: what the API calls itself.
 */
export async function startNotesApi(issuer, audience) {
  const keys = createRemoteJWKSet(new URL(".well-known/jwks.json", issuer));
  /** @type {Map<string, Note[]>} */
  const notesOfUsers = new Map();

  /** @param {import("node:http").IncomingMessage} request @returns {Promise<Answer>} */
  async function answer(request) {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const verified = await jwtVerify(token, keys, { issuer, audience }).catch(() => undefined);
    const user = verified?.payload.sub;
    if (verified === undefined || user === undefined) {
      return { status: 401, body: { error: "invalid_token" } };
    }
    if (request.url !== "/notes") {
      return { status: 404, body: { error: "not_found" } };
    }
    const scopes = String(verified.payload.scope ?? "").split(" ");
    const needed = request.method === "POST" ? "notes:write" : "notes:read";
    if (!scopes.includes(needed)) {
      return { status: 403, body: { error: "insufficient_scope" } };
    }
    const notes = notesOfUsers.get(user) ?? [];
    if (request.method !== "POST") {
      return { status: 200, body: { notes } };
    }
    const { text } = /** @type {Note} */ (await json(request));
    const note = { id: randomUUID(), text };
    notesOfUsers.set(user, [...notes, note]);
    return { status: 201, body: note };
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) =>
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body)),
      () => response.writeHead(400).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}/`,
    /** @returns {Promise<void>} */
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
