import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import { activeTelemetry } from "../../telemetry.ts";

/**
 * A tool handler's answer as the protocol has it: a string or a plain JSON value becomes text content, and
 * `structuredContent` where the tool has an output schema.
 */
export function toToolResult(answer: unknown, hasOutputSchema: boolean): CallToolResult | InputRequiredResult {
  if (isProtocolResult(answer, "content")) {
    if ((answer as CallToolResult).isError === true) {
      activeTelemetry()?.failed();
    }
    return answer as CallToolResult | InputRequiredResult;
  }
  if (answer === undefined) {
    return { content: [] };
  }
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  const content = [{ type: "text" as const, text }];
  return hasOutputSchema ? { content, structuredContent: answer as Record<string, unknown> } : { content };
}

/** A resource handler's answer: a string or a plain JSON value becomes the text of the one resource. */
export function toResourceResult(answer: unknown, uri: URL, mimeType: string | undefined): ReadResourceResult {
  if (isProtocolResult(answer, "contents")) {
    return answer as ReadResourceResult;
  }
  const isText = typeof answer === "string";
  const text = isText ? answer : JSON.stringify(answer);
  return { contents: [{ uri: uri.href, text, mimeType: mimeType ?? (isText ? "text/plain" : "application/json") }] };
}

/** A prompt handler's answer: a string becomes one message of the user. */
export function toPromptResult(answer: unknown): GetPromptResult {
  if (typeof answer !== "string") {
    return answer as GetPromptResult;
  }
  return { messages: [{ role: "user", content: { type: "text", text: answer } }] };
}

function isProtocolResult(answer: unknown, member: "content" | "contents"): boolean {
  if (typeof answer !== "object" || answer === null) {
    return false;
  }
  if ("resultType" in answer && answer.resultType === "input_required") {
    return true;
  }
  const entries: unknown = (answer as Record<string, unknown>)[member];
  const key = member === "content" ? "type" : "uri";
  return (
    Array.isArray(entries) && entries.every((entry) => typeof entry === "object" && entry !== null && key in entry)
  );
}
