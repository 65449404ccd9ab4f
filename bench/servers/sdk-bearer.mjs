// The bare SDK v2 on Express behind its own bearer middleware, as its documentation serves it, with a JWKS verifier.
import {
  createMcpExpressApp,
  getOAuthProtectedResourceMetadataUrl,
  mcpAuthMetadataRouter,
  requireBearerAuth,
} from "@modelcontextprotocol/express";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, OAuthError, OAuthErrorCode } from "@modelcontextprotocol/server";
import { buildSdkServer } from "./build-sdk-server.mjs";
import { verifyJwt } from "./verify-jwt.mjs";

const { PORT, BASE_URL = "", ISSUER = "" } = process.env;
const url = new URL(`${BASE_URL}/mcp`);
const resourceMetadataUrl = getOAuthProtectedResourceMetadataUrl(url);

const verifier = {
  /** @param {string} token */
  async verifyAccessToken(token) {
    try {
      const { subject, scopes, expiresAt } = await verifyJwt(token);
      return { token, clientId: subject, scopes, expiresAt };
    } catch (error) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, error instanceof Error ? error.message : "Invalid token");
    }
  },
};

const oauthMetadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}authorize`,
  token_endpoint: `${ISSUER}oauth/token`,
  response_types_supported: ["code"],
};
const app = createMcpExpressApp();
const node = toNodeHandler(createMcpHandler(buildSdkServer));
app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: url }));
const auth = requireBearerAuth({ verifier, requiredScopes: ["weather:read"], resourceMetadataUrl });
app.all("/mcp", auth, (request, response) => void node(request, response, request.body));
app.listen(Number(PORT), "127.0.0.1");
