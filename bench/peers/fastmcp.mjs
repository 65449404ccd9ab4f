// npm fastmcp, stateless, with the JWT check of its documentation. That makes a verifier for each request, which then
// fetches the keys for each request; here it is made once, unless TO_THE_LETTER says otherwise.
import { createVerifier } from "fast-jwt";
import { FastMCP } from "fastmcp";
import buildGetJwks from "get-jwks";
import { DESCRIPTION, greet, TOOL_NAMES, textSchema } from "../servers/tools.mjs";

const { PORT, BASE_URL, ISSUER, AUDIENCE, JWKS_URI, TO_THE_LETTER } = process.env;

function buildVerifier() {
  const getJwks = buildGetJwks({ issuersWhitelist: [ISSUER] });
  return createVerifier({
    key: ({ header }) => getJwks.getPublicKey({ kid: header.kid, alg: header.alg, domain: ISSUER }),
    algorithms: ["RS256"],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
  });
}

const verifier = TO_THE_LETTER === undefined ? buildVerifier() : undefined;

const server = new FastMCP({
  name: "bench",
  version: "1.0.0",
  oauth: {
    enabled: true,
    authorizationServer: {
      issuer: ISSUER,
      authorizationEndpoint: `${ISSUER}authorize`,
      tokenEndpoint: `${ISSUER}oauth/token`,
      jwksUri: JWKS_URI,
      responseTypesSupported: ["code"],
    },
    protectedResource: { resource: `${BASE_URL}/mcp`, authorizationServers: [ISSUER] },
  },
  async authenticate(request) {
    const { authorization } = request.headers;
    try {
      const verify = verifier ?? buildVerifier();
      const { sub, scope } = await verify(authorization?.slice("Bearer ".length) ?? "");
      return { userId: sub, scope };
    } catch {
      throw new Response(null, { status: 401, statusText: "Invalid OAuth token" });
    }
  },
});
for (const name of TOOL_NAMES) {
  server.addTool({ name, description: DESCRIPTION, parameters: textSchema(), execute: async (input) => greet(input) });
}
await server.start({
  transportType: "httpStream",
  httpStream: { port: Number(PORT), host: "127.0.0.1", stateless: true },
});
