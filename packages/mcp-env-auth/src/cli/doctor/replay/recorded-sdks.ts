import {
  LOGIN_GRANTS,
  type Probe,
  RESOURCE_ADDRESSES,
  type RecordedClient,
  USUAL_ADDRESSES,
} from "./recorded-client.ts";

const BOTH = "application/json, text/event-stream";
const JSON_TYPE = { "Content-Type": "application/json" };

const INITIALIZE: Probe = { method: "POST", rpc: "initialize", headers: { ...JSON_TYPE, Accept: BOTH } };
const DISCOVER: Probe = {
  method: "POST",
  rpc: "server/discover",
  headers: { ...JSON_TYPE, Accept: BOTH, "MCP-Protocol-Version": "2026-07-28" },
};

const LOOPBACK = "http://127.0.0.1:33333/callback";
/** The official TypeScript SDK; many clients are built on it. */
export const TYPESCRIPT_SDK_1: RecordedClient = {
  name: "sdk-v1",
  title: "The official TypeScript SDK 1",
  source: { kind: "run", version: "1.32.2" },
  probes: [INITIALIZE],
  resourceMetadata: { challenge: "only", addresses: RESOURCE_ADDRESSES, resource: "parent", otherwise: "origin" },
  serverMetadata: {
    addresses: USUAL_ADDRESSES,
    checksIssuer: false,
    requires: [
      "authorization_endpoint",
      "token_endpoint",
      "response_types_supported",
      "code_challenge_methods_supported",
    ],
    otherwise: "defaults",
  },
  followsRedirects: "all",
  headers: { "MCP-Protocol-Version": "2025-11-25" },
  registration: {
    request: { client_name: "TypeScript SDK client", redirect_uris: [LOOPBACK] },
    namesScope: true,
  },
  login: { redirectUri: LOOPBACK, scope: "challenge", resource: "with metadata" },
};

export const TYPESCRIPT_SDK_2: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "sdk-v2",
  title: "The official TypeScript SDK 2",
  source: { kind: "run", version: "2.4.0" },
  registration: {
    request: {
      client_name: "TypeScript SDK client",
      redirect_uris: [LOOPBACK],
      grant_types: LOGIN_GRANTS,
      application_type: "native",
    },
    namesScope: true,
  },
};

const PYTHON_SDK_1: RecordedClient = {
  name: "python-sdk-1",
  title: "The official Python SDK 1",
  source: { kind: "run", version: "1.30.0" },
  probes: [INITIALIZE],
  resourceMetadata: { challenge: "first", addresses: RESOURCE_ADDRESSES, resource: "parent", otherwise: "origin" },
  serverMetadata: {
    addresses: USUAL_ADDRESSES,
    checksIssuer: true,
    requires: ["issuer", "authorization_endpoint", "token_endpoint"],
    otherwise: "defaults",
  },
  followsRedirects: "same origin",
  headers: { "MCP-Protocol-Version": "2025-11-25" },
  registration: {
    request: {
      client_name: "Python SDK client",
      redirect_uris: [LOOPBACK],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
    },
    namesScope: true,
  },
  login: { redirectUri: LOOPBACK, scope: "challenge", resource: "with metadata", stateLength: 43 },
};

const PYTHON_SDK_2: RecordedClient = {
  ...PYTHON_SDK_1,
  name: "python-sdk-2",
  title: "The official Python SDK 2",
  source: { kind: "run", version: "2.3.0" },
  probes: [DISCOVER],
  registration: {
    request: { ...PYTHON_SDK_1.registration.request, application_type: "native" },
    namesScope: true,
  },
  login: { ...PYTHON_SDK_1.login, offlineAccess: true, promptsConsent: true, resource: "always" },
};

const GO_SDK: RecordedClient = {
  name: "go-sdk",
  title: "The official Go SDK",
  source: { kind: "run", version: "1.8.0" },
  probes: [DISCOVER],
  resourceMetadata: { challenge: "first", addresses: RESOURCE_ADDRESSES, resource: "exact", otherwise: "origin" },
  serverMetadata: {
    // It keeps the slash at the end of an issuer.
    addresses: [
      "{origin}/.well-known/oauth-authorization-server{rawPath}",
      "{origin}/.well-known/openid-configuration{rawPath}",
      "{origin}/{trimmedPath}/.well-known/openid-configuration",
    ],
    checksIssuer: true,
    requires: ["issuer", "code_challenge_methods_supported"],
    otherwise: "defaults",
  },
  followsRedirects: "all",
  headers: {},
  registration: {
    request: {
      client_name: "Go SDK client",
      redirect_uris: [LOOPBACK],
      grant_types: LOGIN_GRANTS,
      application_type: "native",
    },
  },
  login: { redirectUri: LOOPBACK, scope: "challenge", offlineAccess: true, resource: "always" },
};

const SPRING: RecordedClient = {
  name: "spring",
  title: "Spring Security, by fromIssuerLocation",
  source: { kind: "run", version: "7.1.2" },
  // The Java SDK's; what comes between it and fromIssuerLocation is up to the application.
  probes: [INITIALIZE],
  resourceMetadata: { challenge: "only", addresses: RESOURCE_ADDRESSES, resource: "any", otherwise: "stop" },
  serverMetadata: {
    addresses: [
      "{origin}{path}/.well-known/openid-configuration",
      "{origin}/.well-known/openid-configuration{rawPath}",
      "{origin}/.well-known/oauth-authorization-server{rawPath}",
    ],
    checksIssuer: true,
    requires: ["issuer", "authorization_endpoint", "token_endpoint", "registration_endpoint"],
    // OpenID Connect Discovery 1.0 section 3.
    requiresOfOpenid: ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported"],
    otherwise: "stop",
  },
  followsRedirects: "all",
  headers: {},
  registration: { request: { client_name: "Spring", redirect_uris: [LOOPBACK] } },
  login: { redirectUri: LOOPBACK, scope: "challenge", resource: "never" },
};

const AI_SDK: RecordedClient = {
  name: "ai-sdk",
  title: "@ai-sdk/mcp",
  source: { kind: "run", version: "2.0.99" },
  probes: [DISCOVER],
  resourceMetadata: { challenge: "only", addresses: RESOURCE_ADDRESSES, resource: "parent", otherwise: "url" },
  serverMetadata: {
    addresses: [
      "{origin}/.well-known/oauth-authorization-server{path}",
      "{origin}/.well-known/oauth-authorization-server",
      "{origin}/.well-known/openid-configuration{path}",
      "{origin}{path}/.well-known/openid-configuration",
    ],
    checksIssuer: true,
    requires: [
      "issuer",
      "authorization_endpoint",
      "token_endpoint",
      "response_types_supported",
      "code_challenge_methods_supported",
    ],
    otherwise: "defaults",
  },
  followsRedirects: "all",
  headers: { "MCP-Protocol-Version": "2026-07-28" },
  registration: {
    request: { client_name: "AI SDK client", redirect_uris: [LOOPBACK], application_type: "native" },
    namesScope: true,
  },
  login: { redirectUri: LOOPBACK, scope: "challenge", resource: "with metadata" },
};

/** Libraries that applications are built on. */
export const recordedSdks: readonly RecordedClient[] = [
  TYPESCRIPT_SDK_1,
  TYPESCRIPT_SDK_2,
  PYTHON_SDK_1,
  PYTHON_SDK_2,
  GO_SDK,
  SPRING,
  AI_SDK,
];
