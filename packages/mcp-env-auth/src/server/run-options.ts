/** Each over its environment variable, over its default. */
export interface RunOptions {
  /** FASTMCP_TRANSPORT; default `http`. */
  readonly transport?: "http" | "stdio" | undefined;
  /** FASTMCP_HOST; default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** FASTMCP_PORT; default 8000. */
  readonly port?: number | undefined;
  /** FASTMCP_STREAMABLE_HTTP_PATH; default `/mcp`. */
  readonly path?: string | undefined;
}
