// Every page that people see, in each of its states, for tests and pictures.

import { landingPage } from "../../packages/mcp-env-auth/dist/pages/landing-page.js";
import { renderPage } from "../../packages/mcp-env-auth/dist/pages/page.js";
import { LANGUAGES } from "../../packages/mcp-env-auth/dist/pages/page-frame.js";
import { consentPage } from "../../packages/mcp-env-auth/dist/proxy/pages/consent-page.js";
import { endPage } from "../../packages/mcp-env-auth/dist/proxy/pages/end-page.js";
import { errorPage } from "../../packages/mcp-env-auth/dist/proxy/pages/error-page.js";
import { mistakePage } from "../../packages/mcp-env-auth/dist/proxy/pages/mistake-page.js";

/** @import { Texts } from "../../packages/mcp-env-auth/dist/pages/languages/en.js" */
/** @import { PageFrame } from "../../packages/mcp-env-auth/dist/pages/page-frame.js" */
/** @import { Page } from "../../packages/mcp-env-auth/dist/pages/page.js" */

const ICON = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="12" fill="#0f766e"/><path d="M7 16l5-9 5 9z" fill="#fff"/></svg>')}`;

/** @type {import("../../packages/mcp-env-auth/dist/pages/site.js").Site} */
const SITE = {
  name: "Acme CRM",
  guide: "https://mcp.acme.example.com/mcp",
  icon: ICON,
  operator: "Acme Inc.",
  links: {
    help: new URL("https://acme.example.com/help"),
    privacy: new URL("https://acme.example.com/privacy"),
    terms: new URL("https://acme.example.com/terms"),
  },
};

/** @type {Parameters<typeof consentPage>[0]} */
const CONSENT = {
  requester: {
    name: "Claude Code",
    redirectUri: "http://127.0.0.1:3118/callback",
    metadataHost: undefined,
    redirectHost: undefined,
  },
  asked: {
    scopes: ["contacts:read", "contacts:write", "offline_access"],
    requiredScopes: ["contacts:read"],
    fixedScopes: ["contacts:read", "offline_access"],
    descriptions: { "contacts:read": "See your contacts", "contacts:write": "Add and change contacts" },
  },
  providerHost: "login.acme.example.com",
  offersAnotherAccount: true,
  sessionTtl: 2_592_000,
  resource: "https://mcp.acme.example.com/mcp",
  action: "https://mcp.acme.example.com/consent",
  form: "sealed",
  repeatedAt: undefined,
};

const SCOPES = Array.from({ length: 12 }, (_, index) => `contacts:region-${index}:delete`);

const ERRORS = /** @type {const} */ ([
  "answerExpired",
  "badAddress",
  "badRequest",
  "blocked",
  "loginUsed",
  "notAllowed",
  "otherBrowser",
  "pageExpired",
  "providerFailed",
  "tooMany",
  "unavailable",
  "unregistered",
  "wentWrong",
]);

/** @param {typeof ERRORS[number]} kind */
const errorState = (kind) => (/** @type {PageFrame} */ frame) =>
  errorPage(
    {
      kind,
      action:
        kind === "pageExpired" ? { href: "https://mcp.acme.example.com/authorize", text: "openAgain" } : undefined,
      reference: kind === "tooMany" ? undefined : "3f9a0c71de",
      code: "invalid_request",
      message: "The redirect_uri is not one that the application registered.",
    },
    frame,
  );

/** @type {Readonly<Record<string, (frame: PageFrame) => Page>>} */
export const pageStates = {
  "consent-program": (frame) => consentPage(CONSENT, frame),
  "consent-verified": (frame) =>
    consentPage(
      {
        ...CONSENT,
        requester: {
          name: "Claude",
          redirectUri: "https://claude.ai/api/mcp/auth_callback",
          metadataHost: { subdomain: "", domain: "claude.ai" },
          redirectHost: { subdomain: "", domain: "claude.ai" },
        },
      },
      frame,
    ),
  "consent-web": (frame) =>
    consentPage(
      {
        ...CONSENT,
        requester: {
          name: "x".repeat(59),
          redirectUri: `https://login.accounts.google.com.a-very-long-subdomain.attacker.example/${"path/".repeat(40)}`,
          metadataHost: undefined,
          redirectHost: {
            subdomain: "login.accounts.google.com.a-very-long-subdomain.",
            domain: "attacker.example",
          },
        },
        asked: { scopes: SCOPES, requiredScopes: [], fixedScopes: [], descriptions: {} },
      },
      { ...frame, site: { name: "MCP server" } },
    ),
  "consent-app": (frame) =>
    consentPage(
      {
        ...CONSENT,
        requester: {
          name: undefined,
          redirectUri: "cursor://anysphere.cursor-mcp/oauth/callback",
          metadataHost: { subdomain: "", domain: "cursor.com" },
          redirectHost: undefined,
        },
        asked: { scopes: [], requiredScopes: [], fixedScopes: [], descriptions: {} },
        offersAnotherAccount: false,
      },
      frame,
    ),
  "consent-repeated": (frame) =>
    consentPage({ ...CONSENT, repeatedAt: "https://mcp.acme.example.com/authorize?client_id=abc" }, frame),
  landing: (frame) => landingPage("https://mcp.acme.example.com/mcp", frame),
  "end-connected": (frame) => endPage("connected", "cursor://anysphere.cursor-mcp/oauth/callback?code=abc", frame),
  "end-denied": (frame) => endPage("denied", "cursor://anysphere.cursor-mcp/oauth/callback?error=access_denied", frame),
  "end-expired": (frame) => endPage("expired", "http://127.0.0.1:3118/callback?error=access_denied", frame),
  "error-mistake": (frame) =>
    mistakePage(
      { kind: "web", scheme: "https", host: "client.example.com" },
      { code: "invalid_request", message: "PKCE is required: the parameter code_challenge is missing." },
      "https://client.example.com/callback?error=invalid_request",
      frame,
    ),
  ...Object.fromEntries(ERRORS.map((kind) => [`error-${kind}`, errorState(kind)])),
  "end-failed": (frame) => endPage("failed", "cursor://anysphere.cursor-mcp/oauth/callback?error=server_error", frame),
};

/**
 * The whole document of a state, as if the browser stayed on it.
 *
 * @param {string} name
 * @param {Texts | string} [language]
 */
export function renderState(name, language = "en") {
  const state = pageStates[name];
  const texts = typeof language === "string" ? LANGUAGES.find((each) => each.language === language) : language;
  if (state === undefined || texts === undefined) {
    throw new RangeError(`Unknown page or language: ${name}, ${language}`);
  }
  const frame = { site: SITE, texts };
  return renderPage({ ...state(frame), refresh: undefined }, frame);
}
