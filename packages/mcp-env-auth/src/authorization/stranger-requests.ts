import type { AccessRules } from "./access-policy.ts";
import { PUBLIC_RULE } from "./access-rule.ts";
import { isRecord, operationsIn } from "./operations.ts";

/** What says nothing of what is protected: lists have what is public alone. */
const FOR_EVERYBODY: ReadonlySet<unknown> = new Set([
  "initialize",
  "server/discover",
  "ping",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "notifications/roots/list_changed",
]);

/** What uses one registration, and may if that is public. */
const OF_ONE: ReadonlySet<unknown> = new Set(["tools/call", "prompts/get", "resources/read", "completion/complete"]);

/** With these, a client answers a question. Nobody who has not signed in was asked one. */
const ANSWERS = ["inputResponses", "requestState"];

/**
 * Whether every message of a body may come from somebody without a token. What is not known to be harmless is not, nor
 * is a name that nobody registered: the answer tells nothing of what there is.
 */
export function isForStrangers(body: unknown, rules: AccessRules): boolean {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.length > 0 && messages.every((message) => isMessageForStrangers(message, rules));
}

function isMessageForStrangers(message: unknown, rules: AccessRules): boolean {
  if (!isRecord(message)) {
    return false;
  }
  const { method, params } = message;
  if (isRecord(params) && ANSWERS.some((name) => Object.hasOwn(params, name))) {
    return false;
  }
  if (FOR_EVERYBODY.has(method)) {
    return true;
  }
  const [operation, ...others] = OF_ONE.has(method) ? operationsIn(message) : [];
  return operation !== undefined && others.length === 0 && rules(operation) === PUBLIC_RULE;
}
