// Measures the tokens that clients get, and writes the table into docs/reliability.md with --write.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createIssuedTokens } from "../packages/mcp-env-auth/dist/proxy/tokens/issued-tokens.js";
import { createKeyring } from "../packages/mcp-env-auth/dist/sealing/keyring.js";
import { createRootKeys } from "../packages/mcp-env-auth/dist/sealing/root-keys.js";
import { createMemoryGuardStore } from "../packages/mcp-env-auth/dist/store/memory-guard-store.js";

export const PAGE = fileURLToPath(new URL("../docs/reliability.md", import.meta.url));
const START = "<!-- token sizes: written by scripts/token-sizes.mjs -->";
const END = "<!-- end of token sizes -->";

const ISSUED_AT = 1_760_000_000;
const LIFETIME = 3600;
const RESOURCE = "https://mcp.example.com/mcp";

/** What Auth0 puts into access tokens, from little to much. */
const CASES = [
  { what: "no permissions", permissions: 0, claims: {} },
  { what: "20 permissions", permissions: 20, claims: {} },
  { what: "200 permissions", permissions: 200, claims: {} },
  { what: "20 permissions, 3,000 characters of custom claims", permissions: 20, claims: { groups: randomTexts(3000) } },
  {
    what: "200 permissions, 6,000 characters of custom claims",
    permissions: 200,
    claims: { groups: randomTexts(6000) },
  },
];

/**
 * @typedef {{ what: string, provider: number, access: number, refresh: number, reference: number }} Sizes characters
 * @returns {Promise<Sizes[]>}
 */
export async function measureTokenSizes() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = (await exportJWK(privateKey)).n?.slice(0, 21) ?? "";
  return Promise.all(
    CASES.map(async ({ what, permissions, claims }) => {
      const names = Array.from(
        { length: permissions },
        (_, n) => `${RESOURCES[n % 20]}:${ACTIONS[Math.floor(n / 20)]}`,
      );
      const providerToken = await new SignJWT(auth0Claims(names, claims))
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
        .sign(privateKey);
      const { access, refresh } = await issue("sealed", providerToken, names);
      const references = await issue("reference", providerToken, names);
      const reference = Math.max(references.access.length, references.refresh.length);
      return { what, provider: providerToken.length, access: access.length, refresh: refresh.length, reference };
    }),
  );
}

/**
 * The table of a page, as it was written.
 *
 * @param {string} page
 * @returns {Sizes[]}
 */
export function readTokenSizes(page) {
  return tableIn(page)
    .split("\n")
    .filter((line) => /\d \|$/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, what = "", ...cells]) => {
      const [provider = 0, access = 0, refresh = 0, reference = 0] = cells.map((cell) =>
        Number(cell.replace(/\D/g, "")),
      );
      return { what, provider, access, refresh, reference };
    });
}

const RESOURCES = [
  ...["weather", "forecast", "alert", "station", "radar", "climate", "history", "report", "user", "team"],
  ...["project", "invoice", "payment", "document", "folder", "message", "calendar", "contact", "device", "audit"],
];
const ACTIONS = ["read", "write", "create", "update", "delete", "list", "share", "export", "import", "admin"];

/**
 * @param {readonly string[]} permissions
 * @param {Record<string, unknown>} claims
 */
function auth0Claims(permissions, claims) {
  return {
    iss: "https://example-tenant.eu.auth0.com/",
    sub: "auth0|65f1c0ffee65f1c0ffee65f1",
    aud: ["https://api.example.com", "https://example-tenant.eu.auth0.com/userinfo"],
    iat: ISSUED_AT,
    exp: ISSUED_AT + LIFETIME,
    scope: "openid profile email offline_access",
    azp: "k4hsVWnOqZVrLw3vVdm1FJbJc0zvN9zA",
    permissions,
    ...Object.fromEntries(Object.entries(claims).map(([name, value]) => [`https://example.com/${name}`, value])),
  };
}

/**
 * @param {"sealed" | "reference"} tokenFormat
 * @param {string} providerToken
 * @param {readonly string[]} permissions
 */
async function issue(tokenFormat, providerToken, permissions) {
  const clock = () => ISSUED_AT;
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const tokens = createIssuedTokens({ tokenFormat, store: createMemoryGuardStore({ clock }), clock, logger: silent });
  const keyring = createKeyring(await createRootKeys({ secret: "x".repeat(32) }), ["https://mcp.example.com/"]);
  const common = {
    family: "kq4n1jE0m9X3nq0D0kq7Zg",
    loginTime: ISSUED_AT,
    expiresAt: ISSUED_AT + LIFETIME,
    subjectHash: "0Qm4Wq7Lxg4h1c0sV9ZyUw",
    clientHash: "u5nGfH2b8rJt6kPzXcVbNm",
    scopes: ["openid", ...permissions.slice(0, 5)],
    resource: RESOURCE,
  };
  return {
    access: await tokens.issue(keyring, "access", { ...common, providerToken }),
    refresh: await tokens.issue(keyring, "refresh", {
      ...common,
      generation: 100,
      providerToken: "v1.MdMqX4yTn0b8pVxE5aYw2sZrKcLhJgUfDoIiBvNtQe7W3mRk9PzC1xS6lGjH",
    }),
  };
}

/**
 * Texts that can't be compressed, and the same in every run.
 *
 * @param {number} length
 */
function randomTexts(length) {
  return Array.from({ length: length / 30 }, (_, n) =>
    createHash("sha256").update(`${n}`).digest("base64url").slice(0, 27),
  );
}

/** @param {string} page */
function tableIn(page) {
  return page.slice(page.indexOf(START) + START.length, page.indexOf(END));
}

/** @param {Sizes[]} sizes */
function toTable(sizes) {
  const number = (/** @type {number} */ value) => value.toLocaleString("en");
  const access = (/** @type {number} */ value) => (value > 7500 ? `refused (${number(value)})` : number(value));
  return [
    "| The provider's access token has | it is | sealed access token | sealed refresh token | either as a reference |",
    "|---|--:|--:|--:|--:|",
    ...sizes.map(
      (size) =>
        `| ${size.what} | ${number(size.provider)} | ${access(size.access)} | ${number(size.refresh)} | ${number(size.reference)} |`,
    ),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = toTable(await measureTokenSizes());
  const page = readFileSync(PAGE, "utf8");
  if (process.argv.includes("--write")) {
    writeFileSync(
      PAGE,
      page.replace(START + tableIn(page) + END, () => `${START}\n${table}\n${END}`),
    );
  }
  console.log(table);
}
