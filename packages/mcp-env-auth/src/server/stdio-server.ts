import { createCallLog } from "../http/call-log.ts";
import type { Configured } from "./configure.ts";
import { refuseProtected, requestServersPlan, type ServerPlan } from "./plan.ts";

/** Serves this process's standard input and output. No stage is needed: one client is there from the start. */
export async function serveStdio(
  plan: ServerPlan,
  { policy, logger }: Configured,
): Promise<{ close(): Promise<void> }> {
  const offer = plan.offerFor({ policy, provider: undefined });
  refuseProtected(
    offer.protectedNames,
    "a server on stdio, where there is no token. Set FASTMCP_TRANSPORT to http, or remove them.",
  );
  const { checkProtections, createRequestServers } = await import("./mcp-calls.ts");
  await checkProtections();
  const sdk = await import("@modelcontextprotocol/server/stdio");
  const { watchCalls } = await import("../sdk/watch-calls.ts");
  const { notifyOnStdio } = await import("./changes/stdio-changes.ts");
  const ownOptions = { notifiesLegacy: true, fastPath: false, logger };
  const calls = createCallLog({ nameOf: offer.nameOf, logger });
  const build = createRequestServers(offer, { ...requestServersPlan(plan), ...ownOptions });
  const buildConnected: typeof build = (context) => {
    const server = build(context);
    notifyOnStdio(server, context?.era ?? "modern", plan.changes, offer.rules);
    watchCalls(server, calls);
    return server;
  };
  return sdk.serveStdio(buildConnected, {
    onerror: (error) => logger.warn({ err: error }, "The stdio connection reports an error"),
  });
}
