import {
  type BaseContext,
  type McpServer,
  type MessageExtraInfo,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import { isA } from "./error-masking.ts";

/** People take longer to answer than the minute that the SDK gives a client by default. */
const ELICITATION_MS = 600_000;

interface ContextBuilder {
  buildContext(context: BaseContext, extra?: MessageExtraInfo): ServerContext;
}

/**
 * Has a handler that asks the client fail with an error that its user may read, when there is no good answer; and gives
 * the user of a form ten minutes, where the handler says nothing else.
 */
export function explainRefusals({ server }: McpServer): void {
  const builder = server as unknown as ContextBuilder;
  const buildContext = builder.buildContext.bind(server);
  builder.buildContext = (base, extra) => {
    const context = buildContext(base, extra);
    const { elicitInput, requestSampling, send } = context.mcpReq;
    return {
      ...context,
      mcpReq: {
        ...context.mcpReq,
        elicitInput: (params, options) => elicitInput(params, { timeout: ELICITATION_MS, ...options }).catch(explain),
        requestSampling: ((...args: Parameters<typeof requestSampling>) =>
          requestSampling(...args).catch(explain)) as typeof requestSampling,
        send: ((...args: Parameters<typeof send>) => send(...args).catch(explain)) as typeof send,
      },
    };
  };
}

function explain(thrown: unknown): never {
  const reason = isA(thrown, ProtocolError) ? thrown.message : askingFailure(thrown);
  throw reason === undefined ? thrown : new ToolError(`There is no answer: ${reason}`, { cause: thrown });
}

/** Why the client could not be asked, or gave no good answer; `undefined` for any other error. */
export function askingFailure(thrown: unknown): string | undefined {
  if (!isA(thrown, SdkError)) {
    return undefined;
  }
  switch (thrown.code) {
    case SdkErrorCode.CapabilityNotSupported:
    case SdkErrorCode.InvalidResult:
      return thrown.message;
    case SdkErrorCode.RequestTimeout:
      return "It took too long.";
    default:
      return undefined;
  }
}
