import type { RequestListener } from "node:http";
import type { OAuthError } from "../errors.ts";
import type { Gate } from "./gate.ts";
import { answerHealthz } from "./health.ts";
import type { McpEndpoint } from "./mcp-endpoint.ts";
import { sendOAuthError } from "./oauth-error-response.ts";
import { spellingsOf } from "./paths.ts";
import { createWaitingRoom } from "./waiting-room.ts";

export interface FrontOptions {
  readonly gate: Gate;
  readonly mcpPath: string;
  /** The path of BASE_URL, `""` for none. */
  readonly basePath: string;
  /** The same of RESOURCE_BASE_URL. Default `basePath`. */
  readonly resourceBasePath?: string | undefined;
  readonly mcpEndpoint: McpEndpoint;
}

/**
 * Serves what has to be quick before `rest`, an app with the server's router, gets to see it: the way through Express
 * costs as much as all our checks of a call, and loading it takes as long as half the start.
 *
 * Only requests to the endpoint's own spelling are taken, and the check whether the process lives. All else is left to
 * `rest`, which serves both with the same gate and the same handlers.
 */
export function createFront(
  { gate, mcpPath, basePath, resourceBasePath = basePath, mcpEndpoint }: FrontOptions,
  rest: RequestListener,
): RequestListener {
  const spellings = new Set(["", basePath, resourceBasePath].flatMap((base) => [...spellingsOf(`${base}${mcpPath}`)]));
  return (request, response) => {
    const { method, url = "" } = request;
    if (spellings.has(url)) {
      gate(request, response, mcpPath, () => void mcpEndpoint(request, response));
    } else if ((method === "GET" || method === "HEAD") && url === "/healthz") {
      answerHealthz(request, response);
    } else {
      rest(request, response);
    }
  };
}

/**
 * A listener that is loaded when the first request asks for it. Requests wait for it, unread, as far as there is room.
 */
export interface LoadedListener {
  readonly listener: RequestListener;
  /** Loads it now. Settles when it is there. */
  load(): Promise<void>;
}

/** @param fail is told, once, why it can't be loaded. */
export function loadOnDemand(load: () => Promise<RequestListener>, fail: (reason: unknown) => void): LoadedListener {
  let loaded: RequestListener | undefined;
  let loading: Promise<void> | undefined;
  const waitFor = createWaitingRoom();
  const loadOnce = () => {
    loading ??= load().then((listener) => {
      loaded = listener;
    }, fail);
    return loading;
  };
  return {
    load: loadOnce,
    listener: (request, response) => {
      if (loaded !== undefined) {
        loaded(request, response);
      } else {
        waitFor(loadOnce(), response).then(
          () => (loaded === undefined ? response.destroy() : loaded(request, response)),
          (full: OAuthError) => sendOAuthError(response, full),
        );
      }
    },
  };
}
