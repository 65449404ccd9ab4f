import { describeConnectionFailure } from "../lib/connection-failure.ts";

/** What went wrong with an upstream. `unreachable`: the request did not get there. */
export type FaultKind = "unreachable" | "slow" | "broken" | "refused" | "redirect" | "unusable" | "failed";

const STATUSES: Readonly<Record<FaultKind, number>> = {
  unreachable: 502,
  slow: 504,
  broken: 502,
  refused: 502,
  redirect: 502,
  unusable: 502,
  failed: 502,
};

/** What clients are told: nothing of what the upstream said. */
const SENTENCES: Readonly<Record<FaultKind, string>> = {
  unreachable: "The MCP server behind this gateway can't be reached. Try again later.",
  slow: "The MCP server behind this gateway did not answer in time. The call may have run.",
  broken: "The MCP server behind this gateway broke off its answer. The call may have run.",
  refused: "The MCP server behind this gateway refused the gateway itself.",
  redirect: "The MCP server behind this gateway sent the request elsewhere.",
  unusable: "The MCP server behind this gateway sent an answer that is not MCP.",
  failed: "The MCP server behind this gateway failed.",
};

/** An upstream gave no answer that a client can have. The message and the cause are for the log. */
export class UpstreamFault extends Error {
  override readonly name = "UpstreamFault";
  readonly kind: FaultKind;
  /** HTTP status for the client. */
  readonly status: number;
  /** Seconds after which the client may try again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    options: { readonly status?: number; readonly retryAfter?: number } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = options.status ?? STATUSES[kind];
    this.retryAfter = options.retryAfter;
  }

  /** A sentence for the client. */
  get told(): string {
    return SENTENCES[this.kind];
  }

  /** For what a request to `upstream` failed with. @param sent whether the request may have got there. */
  static of(error: unknown, upstream: URL, sent: boolean): UpstreamFault {
    const { reason, advice } = describeConnectionFailure(error);
    const said = `The upstream ${upstream.host} can't be used: ${reason}.`;
    return sent
      ? new UpstreamFault("broken", `The upstream ${upstream.host} broke off: ${reason}.`)
      : new UpstreamFault("unreachable", advice === undefined ? said : `${said} ${advice}`);
  }
}
