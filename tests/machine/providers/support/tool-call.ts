interface ToolResult {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly text?: string }[];
}

/** A call of a tool, as a client sends it. The answer as it comes. */
export function call(url: string, accessToken: string, name = "whoami", args = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${accessToken}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
}

/** Calls a tool that has to work, and gives what it said. */
export async function callTool(url: string, accessToken: string, name = "whoami", args = {}): Promise<string> {
  const answer = await call(url, accessToken, name, args);
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`The call answered ${answer.status}: ${answer.headers.get("www-authenticate")} ${text}`);
  }
  const json = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}");
  const { result, error } = JSON.parse(json) as { result?: ToolResult; error?: unknown };
  if (result === undefined) {
    throw new Error(`The call failed: ${JSON.stringify(error)}`);
  }
  const said = result.content.map(({ text }) => text).join("");
  if (result.isError) {
    throw new Error(`The tool failed: ${said}`);
  }
  return said;
}

/** The subject that our server gives a caller. */
export async function subjectOf(url: string, accessToken: string): Promise<string> {
  return (JSON.parse(await callTool(url, accessToken)) as { subject: string }).subject;
}
