import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { authorizeEndpoint } from "./authorize.ts";
import { discoveryEndpoint, jwksEndpoint } from "./discovery.ts";
import { failingEndpoint } from "./faults.ts";
import { consentAnswer, consentForm, loginAnswer, loginForm } from "./login.ts";
import { logoutEndpoint } from "./logout.ts";
import { allowOrigins, requireLoopbackHost } from "./loopback.ts";
import { OAuthError } from "./oauth-error.ts";
import { organizationAnswer, organizationForm } from "./organization-prompt.ts";
import { errorPage, sendPage } from "./pages.ts";
import { registrationEndpoint } from "./registration.ts";
import { type RecordedRequest, recordRequests } from "./request-log.ts";
import { revokeEndpoint } from "./revoke.ts";
import type { Tenant } from "./tenant.ts";
import { tokenEndpoint } from "./token.ts";
import { userinfoEndpoint } from "./userinfo.ts";

export interface AppOptions {
  /** Filled with every request. */
  readonly requests: RecordedRequest[];
  readonly onRequest?: ((request: RecordedRequest) => void) | undefined;
  /** Called before each answer. */
  readonly beforeAnswer?: (() => void) | undefined;
}

/** Every endpoint of the tenant, as one Express application. */
export function createApp(tenant: Tenant, { requests, onRequest, beforeAnswer }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(requireLoopbackHost);
  app.use(express.urlencoded({ extended: false, limit: "100kb" }), express.json({ limit: "100kb" }));
  app.use(recordRequests(requests, onRequest));

  if (beforeAnswer !== undefined) {
    app.use(callBeforeAnswers(beforeAnswer));
  }

  const failing = failingEndpoint.bind(undefined, tenant);
  const discovery = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
  app.all(discovery, allowOrigins("any"), failing("discovery"), discoveryEndpoint(tenant));
  app.all("/.well-known/jwks.json", allowOrigins("any"), failing("jwks"), jwksEndpoint(tenant));

  app.all("/oauth/token", allowOrigins("loopback"), failing("token"));
  app.post("/oauth/token", tokenEndpoint(tenant));
  app.all("/oauth/revoke", allowOrigins("loopback"), failing("revoke"));
  app.post("/oauth/revoke", revokeEndpoint(tenant));
  app.all("/userinfo", allowOrigins("loopback"), failing("userinfo"), userinfoEndpoint(tenant));
  app.all("/oidc/register", allowOrigins("loopback"));
  app.post("/oidc/register", registrationEndpoint(tenant));
  app.use(["/oauth", "/userinfo", "/oidc/register"], answerJson);

  app.all("/authorize", failing("authorize"), authorizeEndpoint(tenant));
  app.get("/u/login", loginForm(tenant));
  app.post("/u/login", loginAnswer(tenant));
  app.get("/u/organization", organizationForm(tenant));
  app.post("/u/organization", organizationAnswer(tenant));
  app.get("/u/consent", consentForm(tenant));
  app.post("/u/consent", consentAnswer(tenant));
  app.get(["/v2/logout", "/oidc/logout"], logoutEndpoint(tenant));
  app.use(() => {
    throw new OAuthError(404, "not_found", "There is nothing here. The discovery document lists what is.");
  });
  app.use(answerPage);
  return app;
}

/** So that nothing is told that a restart would forget. */
function callBeforeAnswers(beforeAnswer: () => void): RequestHandler {
  return (_request, response, next) => {
    const { writeHead } = response;
    response.writeHead = ((...args: Parameters<typeof writeHead>) => {
      beforeAnswer();
      return writeHead.apply(response, args);
    }) as typeof writeHead;
    next();
  };
}

const answerJson: ErrorRequestHandler = (error, _request, response, _next) => {
  const answer = toOAuthError(error);
  response.status(answer.status).json(answer);
};

const answerPage: ErrorRequestHandler = (error, _request, response, _next) => {
  const answer = toOAuthError(error);
  sendPage(response, answer.status, errorPage(answer.code, answer.message));
};

function toOAuthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) {
    return error;
  }
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500) {
    return new OAuthError(status, "invalid_request", "The request can't be read.");
  }
  return new OAuthError(500, "server_error", "dev-auth0 has failed. Please report what you did.");
}
