import { LOGIN_GRANTS, RESOURCE_ADDRESSES, type RecordedClient, USUAL_ADDRESSES } from "./recorded-client.ts";
import { recordedSdks, TYPESCRIPT_SDK_1, TYPESCRIPT_SDK_2 } from "./recorded-sdks.ts";

const CLAUDE: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "claude",
  title: "Claude",
  source: {
    kind: "recorded",
    url: "https://support.anthropic.com/en/articles/11503834-building-custom-connectors-via-remote-mcp-servers",
    date: "2026-11-30",
  },
  isHosted: true,
  registration: {
    document: "https://claude.ai/oauth/mcp-oauth-client-metadata",
    request: {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
    },
    namesScope: true,
  },
  login: { redirectUri: "https://claude.ai/api/mcp/auth_callback", scope: "challenge", resource: "with metadata" },
};

const CLAUDE_CODE: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "claude-code",
  title: "Claude Code",
  source: { kind: "recorded", url: "https://code.claude.com/docs/en/mcp", date: "2026-11-30" },
  registration: {
    document: "https://claude.ai/oauth/claude-code-client-metadata",
    request: {
      client_name: "Claude Code (mcp-env-auth)",
      redirect_uris: ["http://localhost:3118/callback"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    namesScope: true,
  },
  login: { redirectUri: "http://localhost:3118/callback", scope: "challenge", resource: "with metadata" },
};

const CHATGPT: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "chatgpt",
  title: "ChatGPT",
  source: { kind: "recorded", url: "https://developers.openai.com/apps-sdk/build/auth", date: "2026-11-30" },
  isHosted: true,
  resourceMetadata: { challenge: "first", addresses: RESOURCE_ADDRESSES, resource: "parent", otherwise: "stop" },
  serverMetadata: { ...TYPESCRIPT_SDK_1.serverMetadata, otherwise: "stop" },
  headers: {},
  registration: {
    document: "https://chatgpt.com/oauth/client.json",
    request: {
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
  },
  login: {
    redirectUri: "https://chatgpt.com/connector_platform_oauth_redirect",
    scope: "challenge",
    resource: "with metadata",
    // And growing.
    stateLength: 521,
  },
};

const CODEX: RecordedClient = {
  name: "codex",
  title: "Codex",
  source: { kind: "run", version: "0.171.0" },
  probes: [
    {
      method: "POST",
      rpc: "initialize",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream, application/json" },
    },
    { method: "GET", headers: { "MCP-Protocol-Version": "2024-11-05" } },
  ],
  resourceMetadata: {
    challenge: "first",
    addresses: [
      "{origin}/.well-known/oauth-protected-resource{path}",
      "{origin}{path}/.well-known/oauth-protected-resource",
      "{origin}/.well-known/oauth-protected-resource",
    ],
    resource: "parent",
    otherwise: "url",
  },
  serverMetadata: {
    addresses: USUAL_ADDRESSES,
    checksIssuer: true,
    requires: ["authorization_endpoint", "token_endpoint"],
    otherwise: "stop",
  },
  followsRedirects: "all",
  headers: { "MCP-Protocol-Version": "2024-11-05" },
  registration: {
    document: "https://chatgpt.com/oauth/codex/client.json",
    request: {
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1:33333/callback"],
      grant_types: LOGIN_GRANTS,
      token_endpoint_auth_method: "none",
      response_types: ["code"],
      application_type: "native",
    },
    namesScope: true,
  },
  login: {
    redirectUri: "http://127.0.0.1:33333/callback",
    scope: "challenge",
    offlineAccess: true,
    resource: "with metadata",
  },
};

const VSCODE: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "vscode",
  title: "Visual Studio Code",
  source: {
    kind: "recorded",
    url: "https://github.com/microsoft/vscode/blob/main/src/vs/base/common/oauth.ts",
    date: "2026-11-30",
  },
  resourceMetadata: { challenge: "first", addresses: RESOURCE_ADDRESSES, resource: "exact", otherwise: "origin" },
  serverMetadata: { addresses: USUAL_ADDRESSES, checksIssuer: false, requires: ["issuer"], otherwise: "defaults" },
  headers: { Accept: "application/json" },
  registration: {
    document: "https://vscode.dev/oauth/client-metadata.json",
    request: {
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      grant_types: [...LOGIN_GRANTS, "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
      redirect_uris: [
        "https://insiders.vscode.dev/redirect",
        "https://vscode.dev/redirect",
        "http://127.0.0.1/",
        "http://127.0.0.1:33418/",
      ],
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    namesScope: true,
  },
  login: { redirectUri: "http://127.0.0.1:33418/", scope: "challenge", resource: "with metadata" },
};

const CURSOR: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "cursor",
  title: "Cursor",
  source: { kind: "recorded", url: "https://cursor.com/docs/mcp", date: "2026-11-30" },
  registration: {
    request: {
      client_name: "Cursor",
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
      token_endpoint_auth_method: "none",
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
    },
  },
  login: { redirectUri: "cursor://anysphere.cursor-mcp/oauth/callback", scope: "challenge", resource: "with metadata" },
};

const COPILOT_STUDIO: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "copilot-studio",
  title: "Copilot Studio",
  source: {
    kind: "recorded",
    url: "https://learn.microsoft.com/microsoft-copilot-studio/mcp-add-existing-server-to-agent",
    date: "2026-11-30",
  },
  isHosted: true,
  headers: {},
  registration: {
    request: {
      client_name: "Microsoft Copilot Studio",
      redirect_uris: ["https://global.consent.azure-apim.net/redirect"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  },
  login: { redirectUri: "https://global.consent.azure-apim.net/redirect", scope: "none", resource: "never" },
};

const LE_CHAT: RecordedClient = {
  ...TYPESCRIPT_SDK_1,
  name: "le-chat",
  title: "Le Chat",
  source: {
    kind: "recorded",
    url: "https://help.mistral.ai/en/articles/393507-introduction-to-connectors",
    date: "2026-11-30",
  },
  isHosted: true,
  headers: {},
  registration: {
    request: {
      client_name: "Mistral AI",
      redirect_uris: ["https://callback.mistral.ai/v1/integrations_auth/oauth2_callback"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  },
  login: {
    redirectUri: "https://callback.mistral.ai/v1/integrations_auth/oauth2_callback",
    scope: "none",
    resource: "with metadata",
  },
};

const N8N: RecordedClient = {
  name: "n8n",
  title: "n8n",
  source: {
    kind: "recorded",
    url: "https://github.com/n8n-io/n8n/blob/master/packages/cli/src/oauth/oauth.service.ts",
    date: "2026-11-30",
  },
  isHosted: true,
  // It begins with the metadata: a person presses "Connect" before any workflow runs.
  probes: [],
  resourceMetadata: { challenge: "ignored", addresses: RESOURCE_ADDRESSES, resource: "any", otherwise: "origin" },
  serverMetadata: {
    addresses: [...USUAL_ADDRESSES, "{origin}/.well-known/oauth-authorization-server"],
    checksIssuer: false,
    requires: ["authorization_endpoint", "token_endpoint", "registration_endpoint"],
    otherwise: "stop",
  },
  followsRedirects: "all",
  headers: { Accept: "application/json, text/plain, */*" },
  registration: {
    request: {
      client_name: "n8n",
      client_uri: "https://n8n.io/",
      redirect_uris: ["https://oauth.n8n.cloud/oauth2/callback"],
      token_endpoint_auth_method: "none",
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
    },
    namesScope: true,
  },
  login: { redirectUri: "https://oauth.n8n.cloud/oauth2/callback", scope: "all", resource: "with metadata" },
};

const INSPECTOR: RecordedClient = {
  ...TYPESCRIPT_SDK_2,
  name: "inspector",
  title: "MCP Inspector, in the browser",
  source: { kind: "recorded", url: "https://github.com/modelcontextprotocol/inspector", date: "2026-11-30" },
  origin: "http://localhost:6274",
  registration: {
    request: {
      client_name: "MCP Inspector",
      client_uri: "https://github.com/modelcontextprotocol/inspector",
      redirect_uris: ["http://localhost:6274/oauth/callback"],
      grant_types: LOGIN_GRANTS,
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    namesScope: true,
  },
  login: { redirectUri: "http://localhost:6274/oauth/callback", scope: "challenge", resource: "with metadata" },
};

/** Every client that `doctor --as` knows: applications that people use as they are, and what others are built on. */
export const recordedClients: readonly RecordedClient[] = [
  CLAUDE,
  CLAUDE_CODE,
  CHATGPT,
  CODEX,
  VSCODE,
  CURSOR,
  COPILOT_STUDIO,
  LE_CHAT,
  N8N,
  INSPECTOR,
  ...recordedSdks,
];
