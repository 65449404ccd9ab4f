import * as z from "zod";

/** A note, as the notes API sends it. */
export const note = z.object({ id: z.string(), text: z.string() });

export type Note = z.infer<typeof note>;

/** The notes API, called as one user. */
export interface Notes {
  list(): Promise<Note[]>;
  add(text: string): Promise<Note>;
}

/** Where the notes API is, and how to get a token for it. */
export interface NotesOptions {
  /** The API's address, such as `https://notes.example.com/`. */
  readonly url: string;
  /** Returns an access token for the API, in the user's name, with these scopes. */
  readonly getToken: (scopes: readonly string[]) => Promise<string>;
}

const TIMEOUT_MS = 10_000;

/** The notes API at `url`. Its methods throw NotesApiError when the API refuses. */
export function createNotes({ url, getToken }: NotesOptions): Notes {
  const call = async (scopes: readonly string[], init: RequestInit = {}) => {
    const response = await fetch(new URL("notes", url), {
      ...init,
      headers: { Authorization: `Bearer ${await getToken(scopes)}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      throw new NotesApiError(response.status);
    }
    return response.json();
  };
  return {
    list: async () => z.object({ notes: z.array(note) }).parse(await call(["notes:read"])).notes,
    add: async (text) => note.parse(await call(["notes:write"], { method: "POST", body: JSON.stringify({ text }) })),
  };
}

/** The notes API answered with an HTTP status that is not a success. */
export class NotesApiError extends Error {
  override readonly name = "NotesApiError";
  readonly status: number;

  constructor(status: number) {
    super(`The notes API answered with status ${status}.`);
    this.status = status;
  }
}
