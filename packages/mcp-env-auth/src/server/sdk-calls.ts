import type { McpServerFactory } from "@modelcontextprotocol/server";
import type { ChangeBus } from "../sdk/subscription.ts";
import type { LogLevels } from "../sessions/log-levels.ts";
import type { CallsSource } from "./calls-source.ts";

export interface SdkCallsOptions {
  /** Makes what builds the SDK's server for one request. @throws ConfigError */
  readonly createFactory: (options: {
    readonly fastPath: boolean;
    /** What every token must carry; `undefined` for a server that was asked to be open. */
    readonly requiredScopes: readonly string[] | undefined;
    /** What users' clients set; absent where there are no users. */
    readonly levels: LogLevels | undefined;
  }) => Promise<McpServerFactory>;
  /** Whether one of those may have scope challenges of the SDK's. */
  readonly challenges: boolean;
  /** What clients that want to learn of changes are subscribed to. */
  readonly bus: ChangeBus;
}

/** Calls that the MCP SDK answers in this process. Loads the SDK. */
export function sdkCalls({ createFactory, challenges, bus }: SdkCallsOptions): CallsSource {
  return {
    ownSessions: true,
    async load() {
      const { checkProtections, createMcpCalls, mayUseFastPath } = await import("./mcp-calls.ts");
      return async ({ settings, reception, authentication, sessions, logger }) => {
        await checkProtections();
        const fastPath = mayUseFastPath({ wanted: settings.sdkFastPath, logger });
        return createMcpCalls({
          factory: await createFactory({
            fastPath,
            requiredScopes: authentication?.requiredScopes,
            levels: sessions?.levels,
          }),
          fastPath,
          challenges,
          bus,
          streams: reception.streams,
          url: reception.mcpUrls[0] ?? `http://localhost${settings.mcpPath}`,
          resourceMetadata: reception.metadata?.url,
          exchangeToken: authentication?.exchange,
          userClaims: authentication?.userClaims,
          questions: sessions?.questions,
          sessionStreams: sessions?.streams,
          logger,
        });
      };
    },
  };
}
