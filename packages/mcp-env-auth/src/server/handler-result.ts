import { randomUUID } from "node:crypto";
import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/** A tool handler's answer as the protocol has it: a string or a plain JSON value becomes text content, and `structuredContent` where the tool has an output schema. */
export function toToolResult(answer: unknown, hasOutputSchema: boolean): CallToolResult | InputRequiredResult {
  if (isProtocolResult(answer, "content")) return answer as CallToolResult | InputRequiredResult;
  if (answer === undefined) return { content: [] };
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  const content = [{ type: "text" as const, text }];
  return hasOutputSchema ? { content, structuredContent: answer as Record<string, unknown> } : { content };
}

/** A resource handler's answer: a string or a plain JSON value becomes the text of the one resource. */
export function toResourceResult(answer: unknown, uri: URL, mimeType: string | undefined): ReadResourceResult {
  if (isProtocolResult(answer, "contents")) return answer as ReadResourceResult;
  const isText = typeof answer === "string";
  const text = isText ? answer : JSON.stringify(answer);
  return { contents: [{ uri: uri.href, text, mimeType: mimeType ?? (isText ? "text/plain" : "application/json") }] };
}

/** A prompt handler's answer: a string becomes one message of the user. */
export function toPromptResult(answer: unknown): GetPromptResult {
  if (typeof answer !== "string") return answer as GetPromptResult;
  return { messages: [{ role: "user", content: { type: "text", text: answer } }] };
}

/**
 * What a handler's error becomes: a `ToolError`'s message as it is; of any other
 * error only a reference, under which the log has it in full.
 */
export function maskError(error: unknown, what: string, logger: Logger): string {
  if (error instanceof ToolError) return error.message;
  const reference = randomUUID();
  logger.error({ err: error, reference }, `${what} failed`);
  return `Something went wrong in the server. Its operator can look up ${reference} in the log.`;
}

function isProtocolResult(answer: unknown, member: "content" | "contents"): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  if ("resultType" in answer && answer.resultType === "input_required") return true;
  const entries: unknown = (answer as Record<string, unknown>)[member];
  const key = member === "content" ? "type" : "uri";
  return (
    Array.isArray(entries) && entries.every((entry) => typeof entry === "object" && entry !== null && key in entry)
  );
}
