import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fastMcpPython } from "../scripts/support/programs.mjs";
import { ERAS } from "./load/tool-calls.mjs";

/**
 * @import { DevAuth0 } from "dev-auth0"
 * @import { Era } from "./load/tool-calls.mjs"
 * @import { Peer } from "./peers.mjs"
 *
 * @typedef {"none" | "jwt" | "login"} Credential What a caller brings: nothing, a JWT of the identity provider, or the
 *   token of a login through the server.
 *
 * @typedef {object} Subject A server that is measured.
 * @property {string} id
 * @property {string} title
 * @property {readonly Era[]} eras The revisions that it serves without a session.
 * @property {Credential} credential
 * @property {readonly [string, ...string[]]} command
 * @property {(place: Place) => Record<string, string>} env
 * @property {boolean} [scales] Whether it is measured with other numbers of tools and of connections too.
 * @property {boolean} [interpreted] Whether it is as fast at its first request as ever.
 * @property {Peer} [peer] What has to be installed for it.
 * @property {(place: Place) => string} [audience] Whom it takes JWTs for, when that is not the identity provider's API.
 *
 * @typedef {object} Place Where a server runs, and who protects it.
 * @property {number} port
 * @property {string} baseUrl
 * @property {DevAuth0} auth0
 */

/** @type {readonly Subject[]} */
export const SUBJECTS = [
  {
    id: "floor",
    title: "node:http and an RS256 check, no MCP",
    eras: ERAS,
    scales: true,
    credential: "jwt",
    command: node("servers/floor.mjs"),
    env: plainEnv,
  },
  {
    id: "sdk",
    title: "SDK v2 on Express, without auth",
    eras: ERAS,
    scales: true,
    credential: "none",
    command: node("servers/sdk.mjs"),
    env: plainEnv,
  },
  {
    id: "sdk-bearer",
    title: "SDK v2 on Express, its bearer middleware, a JWKS verifier",
    eras: ERAS,
    scales: true,
    credential: "jwt",
    command: node("servers/sdk-bearer.mjs"),
    env: plainEnv,
  },
  {
    id: "ours-sealed",
    title: "mcp-env-auth, Auth0Provider (sealed token)",
    eras: ERAS,
    scales: true,
    credential: "login",
    command: node("servers/ours.mjs"),
    env: ({ port, baseUrl, auth0 }) => ({
      ...auth0.env(baseUrl),
      FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid weather:read",
      ...oursEnv(port),
    }),
  },
  {
    id: "ours-jwt",
    title: "mcp-env-auth, JWTVerifier (the provider's JWT)",
    eras: ERAS,
    scales: true,
    credential: "jwt",
    command: node("servers/ours.mjs"),
    env: ({ port, baseUrl, auth0 }) => ({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.jwt.JWTVerifier",
      FASTMCP_SERVER_AUTH_JWT_JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
      FASTMCP_SERVER_AUTH_JWT_ISSUER: auth0.issuer,
      FASTMCP_SERVER_AUTH_JWT_AUDIENCE: auth0.audience,
      FASTMCP_SERVER_AUTH_JWT_REQUIRED_SCOPES: "weather:read",
      FASTMCP_SERVER_AUTH_JWT_BASE_URL: baseUrl,
      ...oursEnv(port),
    }),
  },
  {
    id: "npm-fastmcp",
    title: "npm fastmcp, stateless, its documented JWT check, made once",
    // Its documentation: no support for 2026-07-28.
    eras: ["2025-11-25"],
    credential: "jwt",
    peer: "npm",
    command: node("peers/fastmcp.mjs"),
    env: plainEnv,
  },
  {
    id: "npm-fastmcp-letter",
    title: "npm fastmcp, stateless, its documented JWT check to the letter (fetches the keys for each request)",
    eras: ["2025-11-25"],
    credential: "jwt",
    peer: "npm",
    command: node("peers/fastmcp.mjs"),
    env: (place) => ({ ...plainEnv(place), TO_THE_LETTER: "1" }),
  },
  {
    id: "npm-fastmcp-proxy",
    title: "npm fastmcp, stateless, its OAuthProvider (token of its proxy)",
    eras: ["2025-11-25"],
    credential: "login",
    peer: "npm",
    command: node("peers/fastmcp-proxy.mjs"),
    env: plainEnv,
  },
  {
    id: "mcp-use",
    title: "mcp-use, its Auth0 provider",
    eras: ERAS,
    credential: "jwt",
    peer: "npm",
    audience: ({ baseUrl }) => `${baseUrl}/mcp`,
    command: node("peers/mcp-use.mjs"),
    env: plainEnv,
  },
  {
    id: "mcp-handler",
    title: "mcp-handler on Hono, its auth wrapper, a JWKS verifier",
    eras: ERAS,
    credential: "jwt",
    peer: "npm",
    command: node("peers/mcp-handler.mjs"),
    env: plainEnv,
  },
  {
    id: "python-fastmcp",
    title: "Python FastMCP 4, Auth0Provider (token of its proxy)",
    eras: ERAS,
    credential: "login",
    interpreted: true,
    peer: "python-4",
    command: python("4"),
    env: plainEnv,
  },
  {
    id: "python-fastmcp-2",
    title: "Python FastMCP 2.14, Auth0Provider (token of its proxy)",
    eras: ["2025-11-25"],
    credential: "login",
    interpreted: true,
    peer: "python-2",
    command: python("2"),
    env: plainEnv,
  },
];

/**
 * Our servers as another checkout of this repository has them built, for measuring a change beside what was before it.
 *
 * @param {string} folder
 * @returns {Subject[]}
 */
export function oursAgainst(folder) {
  return SUBJECTS.filter(({ id }) => id.startsWith("ours-")).map((subject) => ({
    ...subject,
    id: `${subject.id}-against`,
    title: `${subject.title}, of the other checkout`,
    command: [process.execPath, resolve(folder, "bench/servers/ours.mjs")],
  }));
}

/**
 * @param {string} file
 * @returns {[string, string]}
 */
function node(file) {
  return [process.execPath, fileURLToPath(new URL(file, import.meta.url))];
}

/**
 * @param {"4" | "2"} version
 * @returns {[string, string]}
 */
function python(version) {
  return [fastMcpPython(version), fileURLToPath(new URL("peers/auth0_proxy.py", import.meta.url))];
}

/**
 * What servers are told that are configured in their code.
 *
 * @param {Place} place
 * @returns {Record<string, string>}
 */
function plainEnv({ port, baseUrl, auth0 }) {
  return {
    NODE_ENV: "production",
    PORT: String(port),
    BASE_URL: baseUrl,
    ISSUER: auth0.issuer,
    AUDIENCE: auth0.audience,
    JWKS_URI: `${auth0.issuer}.well-known/jwks.json`,
    CONFIG_URL: auth0.configUrl,
    CLIENT_ID: auth0.clientId,
    CLIENT_SECRET: auth0.clientSecret,
  };
}

/** @param {number} port */
function oursEnv(port) {
  // Logins are measured too, and all come from one address.
  return { NODE_ENV: "production", FASTMCP_PORT: String(port), FASTMCP_RATE_LIMIT: "0" };
}
