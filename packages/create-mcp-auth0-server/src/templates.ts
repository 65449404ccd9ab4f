import type { DeclaredVariable } from "./env-file.ts";

/** What a project can start from, and what its settings follow from that. */
export interface Template {
  /** For `--help`: what it is. */
  readonly summary: string;
  /** What every token must carry, where nothing else is said. */
  readonly scopes: readonly string[];
  /** The scopes that its tools ask for. They must exist at the provider. */
  readonly permissions: readonly string[];
  /** The API that tokens are for, at the local stand-in for Auth0. */
  readonly localAudience: string;
  /** More settings that it can't do without, by their name after the provider's prefix, as the stand-in has them. */
  readonly localSettings: Readonly<Record<string, string>>;
  /** Variables of its own code. */
  readonly variables: readonly DeclaredVariable[];
}

export const DEFAULT_TEMPLATE = "weather";

const LOCAL_AUDIENCE = "https://mcp.example.com/api";

export const TEMPLATES = {
  weather: {
    summary: "five tools about the weather, and what users save",
    scopes: ["openid", "weather:read"],
    permissions: ["weather:read", "weather:write"],
    localAudience: "https://weather.example.com/api",
    localSettings: {},
    variables: [],
  },
  minimal: {
    summary: "one tool and its test",
    scopes: ["openid"],
    permissions: [],
    localAudience: LOCAL_AUDIENCE,
    localSettings: {},
    variables: [],
  },
  api: {
    summary: "tools that call an HTTP API as the user",
    scopes: ["openid", "notes:read"],
    permissions: ["notes:read", "notes:write"],
    localAudience: LOCAL_AUDIENCE,
    localSettings: {
      TOKEN_EXCHANGE_CLIENT_ID: "dev-auth0-exchange",
      TOKEN_EXCHANGE_CLIENT_SECRET: "dev-auth0-exchange-secret",
    },
    variables: [
      {
        name: "NOTES_API_URL",
        description: "Address of the API that the tools call. npm run dev sets it to a stand-in.",
        required: false,
        secret: false,
        example: "https://notes.example.com/",
      },
      {
        name: "NOTES_API_AUDIENCE",
        description: "Identifier of that API at the provider.",
        required: false,
        secret: false,
        example: "https://notes.example.com/api",
      },
    ],
  },
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

/** Whether there is a template of this name. */
export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(TEMPLATES, name);
}
