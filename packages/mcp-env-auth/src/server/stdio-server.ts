import type { Configured } from "./configure.ts";
import { refuseProtected, requestServersPlan, type ServerPlan } from "./plan.ts";

/** Serves this process's standard input and output. No stage is needed: one client is there from the start. */
export async function serveStdio(
  plan: ServerPlan,
  { provider, policy, logger }: Configured,
): Promise<{ close(): Promise<void> }> {
  const offer = plan.offerFor({ policy, provider });
  refuseProtected(
    offer.protectedNames,
    "a server on stdio, where there is no token. Set FASTMCP_TRANSPORT to http, or remove them.",
  );
  const { checkProtections, createRequestServers } = await import("./mcp-calls.ts");
  await checkProtections();
  const sdk = await import("@modelcontextprotocol/server/stdio");
  const { notifyOnStdio } = await import("./changes/stdio-changes.ts");
  const ownOptions = { notifiesLegacy: true, fastPath: false, logger };
  const build = createRequestServers(offer, { ...requestServersPlan(plan), ...ownOptions });
  const buildConnected: typeof build = (context) => {
    const server = build(context);
    notifyOnStdio(server, context?.era ?? "modern", plan.changes, offer.rules);
    return server;
  };
  return sdk.serveStdio(buildConnected, {
    onerror: (error) => logger.warn({ err: error }, "The stdio connection reports an error"),
  });
}
