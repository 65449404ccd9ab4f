// A file of its own: the entry `mcp-env-auth/sdk`, with what registrations and handlers need of the MCP SDK. The main
// entry must not load the SDK: a server listens first.
export type * from "@modelcontextprotocol/server";
export {
  acceptedContent,
  completable,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
