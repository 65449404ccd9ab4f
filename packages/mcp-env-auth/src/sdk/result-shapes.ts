import { specTypeSchemas } from "@modelcontextprotocol/server";

/** The protocol's own schemas of what handlers may return. */
export interface ResultShapes {
  /** What is wrong first with a result of a handler of this kind; `undefined` where it fits. */
  faultOf(
    kind: "tool" | "resource" | "prompt",
    result: unknown,
  ): { readonly path: string; readonly message: string } | undefined;
}

/** As the SDK has them: it checks what tools return with the same schemas, and answers for the author's mistakes. */
export const resultShapes: ResultShapes = {
  faultOf(kind, result) {
    const { [SCHEMAS[kind]]: schema } = specTypeSchemas;
    const checked = schema["~standard"].validate(result);
    const [issue] = checked.issues ?? [];
    if (issue === undefined) {
      return undefined;
    }
    const steps = (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
    const path = steps.map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`,
    );
    return { path: path.join(""), message: `${issue.message}.` };
  },
};

const SCHEMAS = { tool: "CallToolResult", resource: "ReadResourceResult", prompt: "GetPromptResult" } as const;
