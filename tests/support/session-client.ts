/** A message of a server, as it came. */
export interface ServerMessage {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>> & { readonly content?: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A call in progress, whose server may ask something before it answers. */
export interface AskingCall {
  /** The next message of the server's; `undefined` once it has ended. */
  next(): Promise<ServerMessage | undefined>;
  /** Leaves before the answer. */
  leave(): void;
}

/** A client of 2025-11-25 after its `initialize`. */
export interface SessionClient {
  /** Its Mcp-Session-Id; `undefined` where it got none. */
  readonly id: string | undefined;
  call(name: string, args?: object, at?: string): Promise<AskingCall>;
  /** Posts a message on its own, such as an answer. */
  post(message: unknown, options?: PostOptions): Promise<Response>;
  /** Answers a form with what `content` holds. */
  answer(question: ServerMessage | undefined, content: object, options?: PostOptions): Promise<Response>;
  /** Sends a request without a body. */
  send(method: "GET" | "DELETE", options?: PostOptions): Promise<Response>;
  /** Opens the stream on which the server tells of changes. */
  listen(options?: PostOptions): Promise<ListeningStream>;
  /** What a request of a method is answered with. */
  ask(method: string, params: object, options?: PostOptions): Promise<ServerMessage | undefined>;
}

/** The stream of a session. */
export interface ListeningStream {
  readonly status: number;
  /** What it has told so far: the URI of a resource, or the method of anything else. */
  readonly told: readonly string[];
  /** Settles when the server has ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

export interface PostOptions {
  /** Another origin than the client's own. */
  readonly at?: string;
  /** Another access token. */
  readonly token?: string;
  /** Another session, or none. */
  readonly session?: string | undefined;
}

const REVISION = "2025-11-25";

export interface BeginOptions {
  readonly capabilities?: object;
  readonly clientInfo?: object;
  readonly protocolVersion?: string;
}

/** Connects a client to the server at `origin`. */
export async function beginSession(
  origin: string,
  token: string,
  { capabilities = { elicitation: {}, sampling: {}, roots: {} }, ...options }: BeginOptions = {},
): Promise<SessionClient> {
  const { clientInfo = { name: "test", version: "1" }, protocolVersion = REVISION } = options;
  const request = (method: string, body: unknown, { at = origin, ...how }: PostOptions & { signal?: AbortSignal }) => {
    const session = "session" in how ? how.session : id;
    return fetch(`${at}/mcp`, {
      method,
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        Accept: "application/json, text/event-stream",
        Authorization: `Bearer ${how.token ?? token}`,
        "MCP-Protocol-Version": protocolVersion,
        ...(session !== undefined && { "Mcp-Session-Id": session }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(how.signal !== undefined && { signal: how.signal }),
    });
  };
  let id: string | undefined;
  const params = { protocolVersion, capabilities, clientInfo };
  const initialized = await request("POST", { jsonrpc: "2.0", id: 0, method: "initialize", params }, {});
  if (!initialized.ok) {
    throw new Error(`initialize was answered with ${initialized.status}: ${await initialized.text()}`);
  }
  await initialized.text();
  id = initialized.headers.get("mcp-session-id") ?? undefined;
  const post: SessionClient["post"] = (message, options = {}) => request("POST", message, options);
  return {
    id,
    post,
    async call(name, args = {}, at = origin) {
      const leaving = new AbortController();
      const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
      const response = await request("POST", message, { at, signal: leaving.signal });
      const messages = messagesOf(response);
      return {
        next: async () => (await messages.next()).value,
        leave: () => leaving.abort(),
      };
    },
    answer: (question, content, options) =>
      post({ jsonrpc: "2.0", id: question?.id, result: { action: "accept", content } }, options),
    send: (method, options = {}) => request(method, undefined, options),
    async listen(options = {}) {
      const leaving = new AbortController();
      const response = await request("GET", undefined, { ...options, signal: leaving.signal });
      const told: string[] = [];
      return { status: response.status, told, ended: collect(response, told), leave: () => leaving.abort() };
    },
    async ask(method, params, options) {
      const response = await post({ jsonrpc: "2.0", id: 1, method, params }, options);
      return (await messagesOf(response).next()).value;
    },
  };
}

/** Adds what a stream tells to `told`, until it ends. */
async function collect(response: Response, told: string[]): Promise<void> {
  try {
    for await (const { method, params } of messagesOf(response)) {
      told.push(String(params?.uri ?? method));
    }
  } catch {
    // The client has left, or the connection was cut.
  }
}

/** The messages of an answer, as events or as JSON. */
export async function* messagesOf(response: Response): AsyncGenerator<ServerMessage, undefined> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const complete = `${text}${chunk}`.split("\n\n");
    text = complete.pop() ?? "";
    for (const event of complete) {
      const data = /^data: ?(.+)$/m.exec(event)?.[1];
      if (data !== undefined) {
        yield JSON.parse(data) as ServerMessage;
      }
    }
  }
  if (text.startsWith("{")) {
    yield JSON.parse(text) as ServerMessage;
  }
  return undefined;
}
