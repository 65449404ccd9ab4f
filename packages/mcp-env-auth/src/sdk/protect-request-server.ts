import type { McpServer } from "@modelcontextprotocol/server";
import type { Logger } from "../logger.ts";
import { concealResources } from "./conceal-resources.ts";
import { dropLateNotifications } from "./late-notifications.ts";
import { maskHandlerErrors } from "./mask-handler-errors.ts";
import { takeTurns } from "./take-turns.ts";

export interface ServerProtection {
  /** Gets handlers' errors in full. */
  readonly logger: Logger;
  /** Whether a resource must look unknown to the caller; `undefined` where none is hidden. */
  readonly isConcealed: ((uri: string) => boolean) | undefined;
}

/**
 * Puts everything onto the SDK's server for one request that protects callers from one another and the process from its
 * handlers. `checkProtections` asserts at each start that it has an effect. Call it before anything is registered.
 */
export function protectRequestServer(server: McpServer, { logger, isConcealed }: ServerProtection): void {
  takeTurns(server);
  dropLateNotifications(server);
  maskHandlerErrors(server, logger);
  if (isConcealed !== undefined) {
    concealResources(server, isConcealed);
  }
}
