import type { Logger } from "../logger.ts";

/** Anybody can send any: what is remembered and logged of them is bounded. */
const MAX_ORIGINS = 100;
const MAX_LENGTH = 200;

/** Makes what logs each `Origin` that was refused, once, so that the operator of a web client finds out why. */
export function createRefusedOrigins(logger: Logger): (origin: string) => void {
  const seen = new Set<string>();
  return (sent) => {
    const origin = sent.slice(0, MAX_LENGTH);
    if (seen.size >= MAX_ORIGINS || seen.has(origin)) {
      return;
    }
    seen.add(origin);
    const last = seen.size === MAX_ORIGINS ? " Further origins won't be logged." : "";
    logger.warn(
      { event: "origin-refused", origin },
      `A web page was refused at the MCP endpoint. If pages of this origin may call it, add it to FASTMCP_HTTP_ALLOWED_ORIGINS.${last}`,
    );
  };
}
