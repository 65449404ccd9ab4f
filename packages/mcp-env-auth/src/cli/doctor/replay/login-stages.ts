import { randomBytes } from "node:crypto";
import { failure, type Observation, ok, skipped } from "../finding.ts";
import { FAILURE_FIXES, type HttpAnswer, requestAnswer } from "../http-answer.ts";
import { authorizationUrl, scopeOf } from "./authorization-url.ts";
import { isReadable, isWebUrl, originOf, parseJson, quote, redirectOf, type Stage } from "./progress.ts";
import type { RecordedClient } from "./recorded-client.ts";

export const registration: Stage = {
  name: "registration",
  title: "registration",
  asks: "whether the client may use its metadata document, or can register what it registers",
  async run(progress) {
    const { client, url, serverMetadata = {} } = progress;
    const { document, request } = client.registration;
    if (document !== undefined && serverMetadata.client_id_metadata_document_supported === true) {
      return {
        observations: [ok(`The server says that it fetches metadata documents, so the client's id is ${document}`)],
        learned: { clientId: document },
      };
    }
    const endpoint = serverMetadata.registration_endpoint;
    if (request === undefined || !isWebUrl(endpoint)) {
      return { observations: [describeNoWay(client)] };
    }
    if (new URL(endpoint).origin !== url.origin) {
      return {
        observations: [
          skipped(`The client registers at ${endpoint}, which is another server. Nothing was registered there.`),
        ],
      };
    }
    const scope = client.registration.namesScope ? scopeOf(progress) : undefined;
    const answer = await register(endpoint, { ...request, ...(scope && { scope }) }, client);
    return describeRegistration(endpoint, answer, client);
  },
};

function describeNoWay({ title, registration: { document, request } }: RecordedClient): Observation {
  if (request === undefined) {
    return failure(
      `${title} has a metadata document and registers nowhere, and the server does not fetch such documents (client_id_metadata_document_supported).`,
      "Let the server reach the internet, and don't set …_CLIENT_ID_METADATA_HOSTS to []. Behind HTTPS_PROXY, list the host there by name. Or paste a client id into the client.",
    );
  }
  const orDocument = document === undefined ? "" : " and does not fetch metadata documents";
  return failure(
    `The server offers no registration (registration_endpoint)${orDocument}.`,
    "Turn on dynamic client registration at the authorization server, or paste a client id into the client.",
  );
}

async function register(endpoint: string, request: object, client: RecordedClient): Promise<HttpAnswer> {
  if (client.origin !== undefined) {
    const preflight = await requestAnswer(endpoint, {
      method: "OPTIONS",
      headers: {
        ...originOf(client),
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
      },
    });
    if (preflight.answered && !(preflight.status < 300 && isReadable(preflight.headers, client))) {
      return preflight;
    }
  }
  return requestAnswer(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...originOf(client) },
    body: JSON.stringify(request),
  });
}

function describeRegistration(endpoint: string, answer: HttpAnswer, client: RecordedClient) {
  const stop = (message: string, fix: string) => ({ observations: [failure(message, fix)] });
  if (!answer.answered) {
    return stop(`${endpoint} can't be reached: ${answer.reason}.`, FAILURE_FIXES[answer.cause]);
  }
  const { status, headers, body } = answer;
  if (!isReadable(headers, client)) {
    return stop(
      `${endpoint} answers ${status} without CORS headers for ${client.origin}, so the page can't read it.`,
      "Let the proxy pass OPTIONS requests and every Access-Control header.",
    );
  }
  const json = parseJson(body);
  const clientId = json?.client_id;
  if ((status === 201 || status === 200) && typeof clientId === "string") {
    return { observations: [ok(`${endpoint} registers the client.`)], learned: { clientId } };
  }
  const redirect = redirectOf(answer, endpoint);
  if (redirect !== undefined) {
    return stop(
      `${endpoint} redirects to ${redirect.location}, which loses the registration.`,
      "End the redirect in the proxy.",
    );
  }
  const said = typeof json?.error_description === "string" ? `: ${quote(json.error_description)}` : ".";
  return stop(`${endpoint} answers ${status}${said}`, adviceOnRegistration(status, json?.error));
}

function adviceOnRegistration(status: number, error: unknown): string {
  if (error === "invalid_redirect_uri") {
    return "Add the client's redirect URI to …_ALLOWED_CLIENT_REDIRECT_URIS, or leave the variable out.";
  }
  if (status === 429) {
    return "Wait a minute and run this again. If it stays, raise the limit of the proxy or FASTMCP_RATE_LIMIT.";
  }
  return "Let the proxy forward POST requests to it, and check whether a firewall or an access rule blocks them.";
}

export const loginPage: Stage = {
  name: "login-page",
  title: "login page",
  asks: "whether the login that the client opens in the browser begins: with a page, or on the way to the provider; nobody is logged in",
  async run(progress) {
    const { client, url, clientId, serverMetadata = {} } = progress;
    const endpoint = serverMetadata.authorization_endpoint;
    if (clientId === undefined || !isWebUrl(endpoint)) {
      const message = "The server names no address for logins (authorization_endpoint).";
      return { observations: [failure(message, "Let the proxy change no document.")] };
    }
    if (new URL(endpoint).origin !== url.origin) {
      return { observations: [skipped(`The client sends the browser to ${endpoint}, which is another server.`)] };
    }
    const begun = { endpoint, clientId, state: randomText(client.login.stateLength), verifier: randomText() };
    const answer = await requestAnswer(authorizationUrl(progress, begun), {
      headers: { Accept: "text/html,application/xhtml+xml" },
    });
    return { observations: [describeLogin(endpoint, answer, { client, clientId })] };
  },
};

function describeLogin(
  endpoint: string,
  answer: HttpAnswer,
  { client, clientId }: { readonly client: RecordedClient; readonly clientId: string },
): Observation {
  if (!answer.answered) {
    return failure(`${endpoint} can't be reached: ${answer.reason}.`, FAILURE_FIXES[answer.cause]);
  }
  const { status, body } = answer;
  const redirect = redirectOf(answer, endpoint);
  if (redirect !== undefined) {
    const { target } = redirect;
    const error = target.searchParams.get("error");
    return error === null || !target.href.startsWith(client.login.redirectUri)
      ? ok(`${endpoint} sends the browser on to ${target.host}.`)
      : failure(
          `${endpoint} refuses the login: ${quote(target.searchParams.get("error_description") ?? error)}`,
          "Do what the sentence says; it is what the client shows to its user.",
        );
  }
  if (status === 200) {
    return ok(`${endpoint} shows the page "${quote(titleOf(body))}".`);
  }
  return failure(
    `${endpoint} shows an error (${status}) in the browser: ${quote(textOf(body))}`,
    adviceOnLogin(clientId, client),
  );
}

function adviceOnLogin(clientId: string, { registration: { document } }: RecordedClient): string {
  if (clientId === document) {
    return `Let the server fetch ${document}: allow its host in …_CLIENT_ID_METADATA_HOSTS and in your firewall. Behind HTTPS_PROXY, list it there by name. Or set the variable to [], so that clients register.`;
  }
  return "Do what the page says, and look into the server's log.";
}

function randomText(length = 43): string {
  return randomBytes(length).toString("base64url").slice(0, length);
}

function titleOf(html: string): string {
  return /<title>([^<]*)/i.exec(html)?.[1] ?? "";
}

/** Characters of a page that are looked at: what a server sends must not keep us busy. */
const MAX_PAGE = 20_000;

function textOf(html: string): string {
  return html
    .slice(0, MAX_PAGE)
    .replace(/<(style|script|head)\b.*?<\/\1>/gis, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}
