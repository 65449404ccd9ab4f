import type { AccessToken } from "../access-token.ts";
import { isRecord, type Operation, operationsIn } from "../authorization/operations.ts";
import { isConcealed } from "../authorization/standing.ts";
import { INVALID_PARAMS, INVALID_REQUEST, isModern, RESOURCE_NOT_FOUND } from "../http/json-rpc.ts";
import { Forbidden, InvalidMessage } from "../http/mcp-refusals.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";

/** What a name stands in, by method: without a name, nothing could be judged. */
const NAMED: ReadonlySet<unknown> = new Set([
  ...["tools/call", "prompts/get", "resources/read", "resources/subscribe", "completion/complete"],
]);

/** The methods that name nothing, where nothing is allowed that no rule names. Notifications also pass. */
const UNNAMED: ReadonlySet<unknown> = new Set([
  ...["initialize", "ping", "server/discover", "logging/setLevel", "subscriptions/listen", "resources/unsubscribe"],
  ...["tools/list", "prompts/list", "resources/list", "resources/templates/list"],
]);

const SHOWN_OF_NAME = 200;

/**
 * Judges what the gateway alone knows: what is concealed from the caller, and messages that the policy can't be asked
 * about. Call it after {@link ForeignPolicy.access} has judged the body.
 *
 * @returns the answer to a request for what is concealed: the same as for what the policy doesn't know.
 * @throws InvalidMessage, Forbidden
 */
export function judgeForeign(body: unknown, token: AccessToken, policy: ForeignPolicy): object | undefined {
  for (const message of Array.isArray(body) ? body : [body]) {
    checkJudgeable(message, policy);
  }
  const concealed = operationsIn(body).find((operation) => {
    const rule = policy.rules(operation);
    return rule !== undefined && isConcealed(rule, policy.access.standing(rule, token));
  });
  if (concealed === undefined) {
    return undefined;
  }
  const text = describeMissing(concealed);
  if (Array.isArray(body) || !isRecord(body) || body.id === undefined) {
    throw new Forbidden(text);
  }
  const isResource = concealed.kind === "resource" && !isModern(body);
  const error = { code: isResource ? RESOURCE_NOT_FOUND : INVALID_PARAMS, message: text };
  return { jsonrpc: "2.0", id: body.id, error };
}

/** @throws InvalidMessage, Forbidden */
function checkJudgeable(message: unknown, { deniesByDefault }: ForeignPolicy): void {
  if (!isRecord(message) || message.method === undefined) {
    return;
  }
  const { method } = message;
  if (NAMED.has(method)) {
    if (operationsIn(message).length === 0) {
      throw new InvalidMessage(INVALID_REQUEST, `${method} must name what it is for, as a string.`);
    }
    return;
  }
  const isKnown = UNNAMED.has(method) || (typeof method === "string" && method.startsWith("notifications/"));
  if (deniesByDefault && !isKnown) {
    const name = JSON.stringify(String(method).slice(0, SHOWN_OF_NAME));
    throw new Forbidden(`The method ${name} is not allowed here: the server's policy has no rules for it.`);
  }
}

function describeMissing({ kind, name }: Operation): string {
  return `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name.slice(0, SHOWN_OF_NAME)} not found`;
}
