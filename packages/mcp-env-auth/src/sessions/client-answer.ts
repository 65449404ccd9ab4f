/** What a client sends back to a question: an answer, or word that it is still being answered. */
export interface ClientAnswer {
  readonly question: string;
  readonly message: AnswerMessage;
}

/** What JSON-RPC 2.0 section 5 and MCP's progress notifications have, and nothing else; or why there is no answer. */
export type AnswerMessage =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | { readonly progress: Readonly<Record<string, unknown>> }
  | { readonly failure: string };

const PROGRESS_METHOD = "notifications/progress";

/**
 * The answers in a body that holds nothing else, or one word of progress; `undefined` for any other body, which the SDK
 * is to see.
 */
export function answersIn(body: unknown): readonly ClientAnswer[] | undefined {
  const messages = Array.isArray(body) ? body : [body];
  const answers = messages.map(answerIn);
  return answers.length > 0 && answers.every((answer) => answer !== undefined) ? answers : undefined;
}

/** The id of the request that a body cancels; `undefined` for any other body. */
export function cancelledIn(body: unknown): string | number | undefined {
  const { method, params } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const id = method === "notifications/cancelled" && isObject(params) ? params.requestId : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

function answerIn(message: unknown): ClientAnswer | undefined {
  if (typeof message !== "object" || message === null) {
    return undefined;
  }
  const { id, method, params, result, error } = message as Readonly<Record<string, unknown>>;
  if (method === PROGRESS_METHOD && isObject(params) && typeof params.progressToken === "string") {
    return { question: params.progressToken, message: { progress: params } };
  }
  if (method !== undefined || typeof id !== "string") {
    return undefined;
  }
  if (isObject(result)) {
    return { question: id, message: { result } };
  }
  if (isObject(error) && Number.isSafeInteger(error.code) && typeof error.message === "string") {
    const { code, message: text, data } = error as { code: number; message: string; data?: unknown };
    return { question: id, message: { error: { code, message: text, ...(data !== undefined && { data }) } } };
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
