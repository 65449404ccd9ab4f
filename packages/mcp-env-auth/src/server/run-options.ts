/** Each over its environment variable, over its default. */
export interface RunOptions {
  /** FASTMCP_TRANSPORT; default `http`. */
  readonly transport?: "http" | "stdio";
  /** FASTMCP_HOST; default `127.0.0.1`. */
  readonly host?: string;
  /** FASTMCP_PORT; default 8000. */
  readonly port?: number;
  /** FASTMCP_STREAMABLE_HTTP_PATH; default `/mcp`. */
  readonly path?: string;
}
