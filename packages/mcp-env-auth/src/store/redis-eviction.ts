import type { Logger } from "../logger.ts";

/** Warns when Redis is set up to forget entries under memory pressure: a denial or a used id would be good again. */
export async function warnAboutEviction(
  send: (...command: string[]) => Promise<unknown>,
  logger: Logger,
): Promise<void> {
  const memory = await send("INFO", "memory").then(String, () => "");
  const limit = /^maxmemory:(\d+)/m.exec(memory)?.[1];
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1];
  if (policy !== undefined && policy !== "noeviction" && limit !== "0") {
    logger.warn(
      { event: "redis-evicts", policy },
      "Redis drops entries when its memory is full, and with them revocations and used refresh tokens. Set maxmemory-policy to noeviction.",
    );
  }
}
