/**
 * The metadata document of a client that people use, as it was published in September 2026, and how the client uses it.
 */
export interface KnownClient {
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>> & { readonly client_id: string };
  /** What it sends as `redirect_uri`. */
  readonly redirectUris: readonly string[];
}

export const CHATGPT_KEYS = "https://chatgpt.com/oauth/jwks.json";

export const CHATGPT: KnownClient = {
  name: "ChatGPT",
  document: {
    client_id: "https://chatgpt.com/oauth/client.json",
    client_uri: "https://chatgpt.com/",
    redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    client_name: "ChatGPT",
    logo_uri: "https://persistent.oaistatic.com/sonic/misc/openai-logo.png",
    token_endpoint_auth_signing_alg: "RS256",
    jwks_uri: CHATGPT_KEYS,
  },
  redirectUris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
};

/** One per connector, which authenticates by its key only: the earlier form. */
export const CHATGPT_CONNECTOR: KnownClient = {
  name: "ChatGPT, one connector",
  document: {
    client_id: "https://chatgpt.com/oauth/kDmjx77UnKOM/client.json",
    client_uri: "https://chatgpt.com/",
    redirect_uris: ["https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    client_name: "ChatGPT",
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "RS256",
    jwks_uri: CHATGPT_KEYS,
  },
  redirectUris: ["https://chatgpt.com/connector/oauth/kDmjx77UnKOM"],
};

export const CLAUDE: KnownClient = {
  name: "Claude",
  document: {
    client_id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
    client_name: "Claude",
    client_uri: "https://claude.ai",
    redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  },
  redirectUris: ["https://claude.ai/api/mcp/auth_callback"],
};

export const PUBLIC_CLIENTS: readonly KnownClient[] = [
  CLAUDE,
  {
    name: "Claude Code",
    document: {
      client_id: "https://claude.ai/oauth/claude-code-client-metadata",
      client_name: "Claude Code",
      client_uri: "https://claude.ai",
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    redirectUris: ["http://localhost:3118/callback", "http://127.0.0.1:54321/callback"],
  },
  {
    name: "Codex",
    document: {
      client_id: "https://chatgpt.com/oauth/codex/client.json",
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    redirectUris: ["http://127.0.0.1:1455/callback"],
  },
  {
    name: "Visual Studio Code",
    document: {
      client_id: "https://vscode.dev/oauth/client-metadata.json",
      client_name: "Visual Studio Code",
      client_uri: "https://vscode.dev/product",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    redirectUris: ["http://127.0.0.1:33418/", "http://127.0.0.1:50123/", "https://vscode.dev/redirect"],
  },
  { ...CHATGPT, name: "ChatGPT, as a public client" },
];

/** What clients register that publish no document, and the redirect URI that each then uses. */
export const REGISTERING_CLIENTS: readonly (readonly [
  name: string,
  metadata: Readonly<Record<string, unknown>>,
  redirectUri: string,
])[] = [
  [
    "Claude",
    {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
    },
    "https://claude.ai/api/mcp/auth_callback",
  ],
  [
    "Claude under its other name",
    { client_name: "Claude", redirect_uris: ["https://claude.com/api/mcp/auth_callback"], scope: "weather:read" },
    "https://claude.com/api/mcp/auth_callback",
  ],
  [
    "Claude Code",
    {
      client_name: "Claude Code (weather)",
      redirect_uris: ["http://localhost:3118/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    "http://localhost:54321/callback",
  ],
  [
    "ChatGPT",
    {
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector/oauth/abc123"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
    },
    "https://chatgpt.com/connector/oauth/abc123",
  ],
  [
    "Visual Studio Code, on loopback",
    {
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
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
    "http://127.0.0.1:50123/",
  ],
  [
    "Visual Studio Code, by its web address",
    { client_name: "Visual Studio Code", redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1:33418/"] },
    "https://vscode.dev/redirect",
  ],
  [
    "Cursor",
    {
      client_name: "Cursor",
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
      token_endpoint_auth_method: "none",
    },
    "cursor://anysphere.cursor-mcp/oauth/callback",
  ],
  [
    "Cursor, earlier",
    { client_name: "Cursor", redirect_uris: ["cursor://anysphere.cursor-retrieval/oauth/user-weather/callback"] },
    "cursor://anysphere.cursor-retrieval/oauth/user-weather/callback",
  ],
  [
    "the Inspector",
    {
      client_name: "MCP Inspector",
      client_uri: "https://github.com/modelcontextprotocol/inspector",
      redirect_uris: ["http://localhost:6274/oauth/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      scope: "",
    },
    "http://localhost:6274/oauth/callback",
  ],
  [
    "the Inspector's debugger",
    { client_name: "MCP Inspector", redirect_uris: ["http://localhost:6274/oauth/callback/debug"] },
    "http://localhost:6274/oauth/callback/debug",
  ],
  [
    "mcp-remote",
    {
      client_name: "MCP CLI Proxy",
      client_uri: "https://github.com/modelcontextprotocol/mcp-cli",
      redirect_uris: ["http://localhost:17324/oauth/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      software_id: "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
      software_version: "0.1.37",
    },
    "http://localhost:17324/oauth/callback",
  ],
  [
    "the FastMCP Python client",
    {
      client_name: "FastMCP Client",
      redirect_uris: ["http://localhost:49152/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      scope: "weather:read",
      application_type: "native",
    },
    "http://localhost:61234/callback",
  ],
  [
    "Gemini CLI",
    {
      client_name: "Gemini CLI MCP Client",
      redirect_uris: ["http://localhost:7777/oauth/callback"],
      token_endpoint_auth_method: "none",
    },
    "http://localhost:7777/oauth/callback",
  ],
];
