import type { RequestHandler } from "express";
import { allowsUrl } from "./applications.ts";
import { OAuthError } from "./oauth-error.ts";
import { loggedOutPage, sendPage } from "./pages.ts";
import { queryParameters } from "./parameters.ts";
import { endSession } from "./sessions.ts";
import type { Tenant } from "./tenant.ts";

/**
 * GET /v2/logout (`returnTo`) and GET /oidc/logout (`post_logout_redirect_uri`, OpenID Connect RP-Initiated Logout 1.0
 * section 2): ends the browser's session. Tokens live on, as at Auth0.
 */
export function logoutEndpoint(tenant: Tenant): RequestHandler {
  return (request, response) => {
    const parameters = queryParameters(request);
    const returnTo = parameters.post_logout_redirect_uri ?? parameters.returnTo;
    const allowed = tenant.applications.get(parameters.client_id ?? "")?.logoutUrls;
    if (returnTo !== undefined && !allowsUrl(allowed, returnTo)) {
      throw new OAuthError(400, "invalid_request", `${returnTo} is not in the list of allowed logout URLs.`);
    }
    endSession(tenant, request, response);
    if (returnTo === undefined) {
      sendPage(response, 200, loggedOutPage());
      return;
    }
    const url = new URL(returnTo);
    if (parameters.state !== undefined) {
      url.searchParams.append("state", parameters.state);
    }
    response.redirect(302, url.href);
  };
}
