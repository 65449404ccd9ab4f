import { createHash } from "node:crypto";
import type { Response } from "express";
import { Html, html } from "./html.ts";
import type { AuthorizationRequest } from "./login-transaction.ts";
import type { Organization } from "./organization.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { ResolvedUser } from "./users.ts";

const STYLE_HASH = createHash("sha256").update(PAGE_STYLE).digest("base64");

const HEADERS = {
  "Cache-Control": "no-store",
  // Without form-action: browsers apply it to the redirects after a form as well, and those end at any callback URL.
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Sends a page with headers that allow no script, no frame and no cache. */
export function sendPage(response: Response, status: number, { markup }: Html): void {
  response.status(status).set(HEADERS).type("html").send(markup);
}

/** One button a user, and one to give up. `transaction` comes back as the field `state`. */
export function loginPage(transaction: string, request: AuthorizationRequest, users: Iterable<ResolvedUser>): Html {
  const buttons = [...users].map(
    (user) => html`
      <button name="username" value="${user.username}"${highlight(user.username === request.loginHint || user.email === request.loginHint)}>
        <strong>${user.name}</strong>
        <small>${describeUser(user)}</small>
      </button>`,
  );
  return page(
    "Log in",
    html`
    <p>Continue to <strong>${applicationName(request)}</strong> as</p>
    <form method="post" action="/u/login">
      <input type="hidden" name="state" value="${transaction}">${buttons}
      <button class="plain" name="action" value="deny">Cancel</button>
    </form>`,
  );
}

/** What the application asks for, to accept or deny. `transaction` comes back as the field `state`. */
export function consentPage(
  transaction: string,
  request: AuthorizationRequest,
  user: ResolvedUser,
  scopes: readonly string[],
): Html {
  return page(
    "Authorize application",
    html`
    <p><strong>${applicationName(request)}</strong> asks for access to the account of <strong>${user.name}</strong>:</p>
    <ul>${scopes.map((scope) => html`<li><code>${scope}</code></li>`)}</ul>
    <p class="soft">It will be sent to <code>${request.redirectUri}</code></p>
    <form method="post" action="/u/consent">
      <input type="hidden" name="state" value="${transaction}">
      <button class="main" name="action" value="accept">Accept</button>
      <button name="action" value="deny">Decline</button>
    </form>`,
  );
}

/**
 * A field for its name before the login; after it, one button for each of the user's. `transaction` comes back as the
 * field `state`.
 */
export function organizationPage(
  transaction: string,
  request: AuthorizationRequest,
  choices: readonly Organization[] | undefined,
): Html {
  const answers = choices?.map(
    ({ name, displayName = name }) => html`
      <button name="organization" value="${name}"><strong>${displayName}</strong></button>`,
  ) ?? [
    html`
      <input name="organization" required autofocus autocapitalize="none" aria-label="The name of your organization" placeholder="The name of your organization">
      <button class="main">Continue</button>`,
  ];
  return page(
    choices === undefined ? "Enter your organization" : "Select an organization",
    html`
    <p>Continue to <strong>${applicationName(request)}</strong> with</p>
    <form method="post" action="/u/organization">
      <input type="hidden" name="state" value="${transaction}">${answers}
    </form>`,
  );
}

/** For what can't be told to a callback URL. */
export function errorPage(code: string, description: string): Html {
  return page(
    "Oops!, something went wrong",
    html`
    <p>${description}</p>
    <p class="soft">Error code: <code>${code}</code></p>`,
  );
}

/** After a logout that names no URL to return to. */
export function loggedOutPage(): Html {
  return page("Logged out", html`<p>You are logged out.</p>`);
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title} - dev-auth0</title>
  <style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
  <main>
    <h1>${title}</h1>${content}
    <footer><small>dev-auth0, a local stand-in for an Auth0 tenant. For development only.</small></footer>
  </main>
</body>
</html>
`;
}

function applicationName({ application }: AuthorizationRequest): string {
  return application.name ?? application.clientId;
}

function describeUser({ permissions, organizations, blocked }: ResolvedUser): string {
  const may = permissions.length === 0 ? "no permissions" : permissions.join(", ");
  const member = organizations.length === 0 ? "" : `; member of ${organizations.join(", ")}`;
  return `${may}${member}${blocked ? "; blocked" : ""}`;
}

function highlight(chosen: boolean): Html {
  return chosen ? html` class="main" autofocus` : html``;
}
