import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  ListResourcesResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import { UnfitResult } from "../../errors.ts";
import { findUnwritable } from "../../lib/unwritable-json.ts";
import type { ResultShapes } from "../../sdk/result-shapes.ts";
import { activeTelemetry } from "../../telemetry.ts";
import { explainContent } from "./explain-content.ts";

/**
 * A tool handler's answer as the protocol has it: a string or a plain JSON value becomes text content, and an object,
 * or any value where the tool has an output schema, also `structuredContent`.
 *
 * @throws UnfitResult
 */
export function toToolResult(
  answer: unknown,
  hasOutputSchema: boolean,
  shapes?: ResultShapes,
): CallToolResult | InputRequiredResult {
  if (typeof answer === "string") {
    return hasOutputSchema ? { ...text(answer), structuredContent: answer as never } : text(answer);
  }
  refuseNothing(answer, 'a text such as "Done."');
  if (isInputRequired(answer, shapes)) {
    return answer;
  }
  refuseUnwritable(answer);
  if (isProtocolResult(answer, "content")) {
    refuseMisshapen(answer, "tool", shapes);
    if ((answer as CallToolResult).isError === true) {
      activeTelemetry()?.failed();
    }
    return answer as CallToolResult;
  }
  const json = JSON.stringify(answer);
  if (hasOutputSchema) {
    return { ...text(json), structuredContent: answer as never };
  }
  // A list or a number is none of a client's that speaks a revision up to 2025-11-25.
  return json.startsWith("{") ? { ...text(json), structuredContent: plainObject(answer, json) } : text(json);
}

/**
 * A resource handler's answer: a string or a plain JSON value becomes the text of the one resource.
 *
 * @throws UnfitResult
 */
export function toResourceResult(
  answer: unknown,
  uri: URL,
  mimeType: string | undefined,
  shapes?: ResultShapes,
): ReadResourceResult {
  refuseNothing(answer, 'a text, which may be "", or { contents: […] }');
  if (isInputRequired(answer, shapes)) {
    return answer as never;
  }
  refuseUnwritable(answer);
  if (isProtocolResult(answer, "contents")) {
    refuseMisshapen(answer, "resource", shapes);
    return answer as ReadResourceResult;
  }
  const isText = typeof answer === "string";
  return {
    contents: [
      {
        uri: uri.href,
        text: isText ? answer : JSON.stringify(answer),
        mimeType: mimeType ?? (isText ? "text/plain" : "application/json"),
      },
    ],
  };
}

/**
 * A prompt handler's answer: a string becomes one message of the user.
 *
 * @throws UnfitResult
 */
export function toPromptResult(answer: unknown, shapes?: ResultShapes): GetPromptResult {
  if (typeof answer === "string") {
    return { messages: [{ role: "user", content: { type: "text", text: answer } }] };
  }
  refuseNothing(answer, "a text, or { messages: […] }");
  if (isInputRequired(answer, shapes)) {
    return answer as never;
  }
  refuseUnwritable(answer);
  if (!Array.isArray((answer as Partial<GetPromptResult> | null)?.messages)) {
    throw new UnfitResult("", "returned neither a text nor { messages: […] }. Return one of them.");
  }
  refuseMisshapen(answer, "prompt", shapes);
  return answer as GetPromptResult;
}

/**
 * What a template's `list` returned.
 *
 * @throws UnfitResult
 */
export function toResourceList(listed: unknown): ListResourcesResult {
  if (listed !== undefined) {
    refuseUnwritable(listed);
  }
  const { resources } = (listed ?? {}) as Partial<ListResourcesResult>;
  if (!Array.isArray(resources)) {
    throw new UnfitResult("", "returned no { resources: […] } from `list`. Return it, with [] where there are none.");
  }
  for (const [index, resource] of (resources as unknown[]).entries()) {
    const { uri, name } = (resource ?? {}) as { uri?: unknown; name?: unknown };
    if (typeof uri !== "string" || typeof name !== "string") {
      const field = typeof uri === "string" ? "name" : "uri";
      const path = `resources[${index}].${field}`;
      throw new UnfitResult(
        path,
        `returned no text as \`${path}\` from \`list\`. Each resource needs a uri and a name.`,
      );
    }
  }
  return listed as ListResourcesResult;
}

/**
 * What a completion callback returned.
 *
 * @throws UnfitResult
 */
export function toSuggestions(suggestions: unknown): string[] {
  if (suggestions !== undefined) {
    refuseUnwritable(suggestions);
  }
  if (!Array.isArray(suggestions)) {
    throw new UnfitResult("", "returned no list from `complete`. Return the values to suggest, or [].");
  }
  return suggestions;
}

function text(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/** An instance of a class is sent as what JSON makes of it, so that clients of every revision get the same. */
function plainObject(answer: unknown, json: string): Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(answer);
  const isPlain = (prototype === Object.prototype || prototype === null) && !("toJSON" in (answer as object));
  return (isPlain ? answer : JSON.parse(json)) as Record<string, unknown>;
}

function refuseNothing(answer: unknown, instead: string): void {
  if (answer === undefined) {
    throw new UnfitResult("", `returned nothing. Is a \`return\` missing? Return ${instead}.`);
  }
}

function refuseUnwritable(answer: unknown): void {
  const found = findUnwritable(answer);
  if (found !== undefined) {
    throw UnfitResult.of(found);
  }
}

function refuseMisshapen(
  result: unknown,
  kind: "tool" | "resource" | "prompt",
  shapes: ResultShapes | undefined,
): void {
  const fault = shapes?.faultOf(kind, result);
  if (fault === undefined) {
    return;
  }
  const { path, message } = explainContent(result) ?? fault;
  throw new UnfitResult(path, `returned a result that MCP does not allow, at \`${path}\`: ${message}`);
}

/** @throws UnfitResult for one that asks for nothing, where there is a protocol to ask. */
function isInputRequired(answer: unknown, shapes: ResultShapes | undefined): answer is InputRequiredResult {
  if (!hasMember(answer, "resultType") || answer.resultType !== "input_required") {
    return false;
  }
  const { inputRequests, requestState } = answer as Partial<InputRequiredResult>;
  refuseUnwritable(answer);
  if (shapes !== undefined && Object.keys(inputRequests ?? {}).length === 0 && typeof requestState !== "string") {
    throw new UnfitResult("inputRequests", "asks for input, and names none. Give inputRequests or a requestState.");
  }
  return true;
}

function isProtocolResult(answer: unknown, member: "content" | "contents"): boolean {
  if (!hasMember(answer, member)) {
    return false;
  }
  const entries = answer[member];
  const key = member === "content" ? "type" : "uri";
  return Array.isArray(entries) && entries.every((entry) => hasMember(entry, key));
}

function hasMember<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === "object" && value !== null && name in value;
}
