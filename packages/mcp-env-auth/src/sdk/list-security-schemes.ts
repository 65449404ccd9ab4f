import type { McpServer } from "@modelcontextprotocol/server";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

interface ListedTools {
  readonly tools: readonly { readonly name: string; readonly _meta?: object }[];
}

/**
 * Adds to each tool that a list shows how it may be called, where ChatGPT looks for it: as a member, and in `_meta` for
 * those of its versions that read that. Call it before anything is registered.
 */
export function listSecuritySchemes(server: McpServer, schemesOf: (tool: string) => readonly object[]): void {
  wrapRequestHandlers(server, (handler, method) => {
    if (method !== "tools/list") {
      return handler;
    }
    return async (request, context) => {
      const listed = (await handler(request, context)) as ListedTools;
      const tools = listed.tools.map((tool) => {
        const securitySchemes = schemesOf(tool.name);
        return { ...tool, securitySchemes, _meta: { ...tool._meta, securitySchemes } };
      });
      return { ...listed, tools };
    };
  });
}
