import type { RequestHandler } from "express";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { openOpaqueToken } from "./access-token.ts";
import { scopeList } from "./parameters.ts";
import type { Tenant } from "./tenant.ts";
import { profileClaims } from "./users.ts";

/** GET or POST /userinfo (OpenID Connect Core 1.0 section 5.3), for tokens whose audience includes it. */
export function userinfoEndpoint(tenant: Tenant): RequestHandler {
  return async (request, response) => {
    response.set("Cache-Control", "no-store");
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const claims = token === undefined ? undefined : await readToken(tenant, token).catch(() => undefined);
    const user = [...tenant.users.values()].find((candidate) => candidate.id === claims?.sub);
    if (claims === undefined || user === undefined) {
      const error =
        token === undefined ? "" : ', error="invalid_token", error_description="The access token is not good here"';
      response.status(401).set("WWW-Authenticate", `Bearer realm="Users"${error}`).type("text").send("Unauthorized");
      return;
    }
    const { scope, org_id, org_name } = claims;
    // What is undefined is left out.
    response.json({ sub: user.id, ...profileClaims(user, scopeList(String(scope ?? ""))), org_id, org_name });
  };
}

async function readToken(tenant: Tenant, token: string): Promise<Record<string, unknown>> {
  const header = decodeProtectedHeader(token);
  if (header.enc !== undefined) {
    return openOpaqueToken(tenant, token);
  }
  const key = tenant.keys.find(header.kid);
  if (key === undefined) {
    throw new Error("The token is signed by no published key.");
  }
  const { payload } = await jwtVerify(token, key.publicKey, {
    algorithms: ["RS256"],
    issuer: tenant.issuer,
    audience: `${tenant.issuer}userinfo`,
    currentDate: new Date(tenant.clock() * 1000),
  });
  return payload;
}
