import { createServer, exchangeToken, readVariable, ToolError } from "mcp-env-auth";
import * as z from "zod";
import { createNotes, NotesApiError, note } from "./notes.ts";

const audience = readVariable("NOTES_API_AUDIENCE") ?? "https://notes.example.com/api";

const notes = createNotes({
  url: readVariable("NOTES_API_URL") ?? "http://localhost:4500/",
  getToken: (scopes) => exchangeToken({ audience, scopes }),
});

export const server = createServer({ name: "Notes MCP", version: "0.1.0", instructions: "The user's own notes." });

server.registerTool(
  "list_notes",
  {
    title: "Notes",
    description: "List the user's notes.",
    outputSchema: z.object({ notes: z.array(note) }),
    requiredScopes: ["notes:read"],
    annotations: { readOnlyHint: true },
  },
  () => forCaller(async () => ({ notes: await notes.list() })),
);

server.registerTool(
  "add_note",
  {
    title: "Add a note",
    description: "Keep a note for the user.",
    inputSchema: z.object({ text: z.string().trim().min(1).max(1000) }),
    outputSchema: note,
    requiredScopes: ["notes:write"],
    annotations: { readOnlyHint: false, destructiveHint: false },
  },
  ({ text }) => forCaller(() => notes.add(text)),
);

/** Says what the caller may know of an error of the API. Any other error is logged and masked. */
async function forCaller<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotesApiError && error.status === 403) {
      throw new ToolError("The notes API doesn't permit this to the user.", { cause: error });
    }
    throw error;
  }
}

await server.run();
