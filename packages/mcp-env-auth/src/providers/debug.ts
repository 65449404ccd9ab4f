import { toLookedUpToken } from "../upstream/looked-up-claims.ts";
import { defineProvider } from "./declaration.ts";
import { checkDevelopment, developmentFields } from "./fields/development-only.ts";
import { tokenVerifier } from "./kinds/token-verifier.ts";

/** Accepts every token, for development. */
export const DebugTokenVerifier = defineProvider({
  classPath: "fastmcp.server.auth.providers.debug.DebugTokenVerifier",
  aliases: ["DEBUG", "fastmcp.server.auth.DebugTokenVerifier"],
  prefix: "FASTMCP_SERVER_AUTH_DEBUG_",
  title: "Every token (development only)",
  fields: developmentFields(),
  check: (settings, context) => checkDevelopment(settings, context, "It accepts every token, so it protects nothing."),
  create: ({ baseUrl, requiredScopes }) =>
    tokenVerifier({
      ...(baseUrl && { baseUrl }),
      requiredScopes,
      createVerifier: ({ clock, logger }) => {
        logger.warn({}, "Every token is accepted: this server is open to everyone who can reach it.");
        const claims = { sub: "debug" };
        const verified = () =>
          toLookedUpToken({ subject: "debug", clientId: "debug", scopes: requiredScopes, claims }, clock);
        return { verify: async () => verified() };
      },
    }),
});

/** A configured verifier that accepts every token. */
export type DebugTokenVerifier = InstanceType<typeof DebugTokenVerifier>;
