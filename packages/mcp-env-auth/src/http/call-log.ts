import type { AccessToken } from "../access-token.ts";
import type { Operation } from "../authorization/operations.ts";
import type { Logger } from "../logger.ts";
import type { RecordCall } from "../telemetry.ts";
import { type AnswerMessage, type CallNote, type CallOutcome, outcomeOfAnswer } from "./call-outcome.ts";

/** Messages of a body beyond this many are not logged: no larger batch is served. */
const MAX_MESSAGES = 100;

/** A name that nobody registered may be anything, a token that was put in the wrong place among it. */
const MAX_UNKNOWN_NAME = 40;
const SHOWN_OF_LONG_NAME = 12;

const MAX_IDENTITY = 200;

/** What a line must not hold, wherever it is shown: controls, line separators, marks of direction, invisible ones. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const KINDS: Readonly<Record<string, { readonly kind: Operation["kind"]; readonly event: string }>> = {
  "tools/call": { kind: "tool", event: "tool-called" },
  "prompts/get": { kind: "prompt", event: "prompt-requested" },
  "resources/read": { kind: "resource", event: "resource-read" },
};

export interface CallLogOptions {
  /**
   * The name that an operation's registration is known by, `undefined` for one that there is none for. Of a resource,
   * the URI or the text of the template, so that no variable of it is logged. Absent: names are not known here.
   */
  readonly nameOf?: ((operation: Operation) => string | undefined) | undefined;
  /** Whether users are named. Default false. */
  readonly subjects?: boolean | undefined;
  /** A keyed digest of what a call was given. Absent: nothing of it is logged. */
  readonly digest?: ((text: string) => string) | undefined;
  readonly logger: Logger;
}

/** Logs each use of a tool, prompt or resource: one line, whatever becomes of it. */
export interface CallLog {
  /** The calls in the body of a request; `undefined` when there are none. */
  begin(body: unknown, token: AccessToken | undefined, record?: RecordCall): Calls | undefined;
}

/** The calls of one request, each logged when its outcome is known. */
export interface Calls {
  /** What is known of the call `id` before it is answered. */
  note(id: unknown, note: CallNote): void;
  /** An answer was sent, or another message that is not one. */
  answered(message: object): void;
  /** Ends the call `id`, or all that are left. */
  end(outcome: CallOutcome, id?: unknown): void;
}

interface Call {
  readonly position: number;
  readonly id: unknown;
  readonly kind: Operation["kind"];
  readonly event: string;
  readonly params: { readonly name?: unknown; readonly uri?: unknown; readonly arguments?: unknown };
  note?: CallNote;
}

export function createCallLog({ nameOf, subjects = false, digest, logger }: CallLogOptions): CallLog {
  return {
    begin(body, token, record) {
      const open = callsIn(body);
      if (open.length === 0) {
        return undefined;
      }
      const started = performance.now();

      function close(call: Call, end: CallOutcome | AnswerMessage): void {
        open.splice(open.indexOf(call), 1);
        const { kind, event, note, position } = call;
        const operation = operationOf(call);
        const registered = nameOf?.(operation);
        const isRegistered = nameOf && registered !== undefined;
        const outcome = note?.outcome ?? (typeof end === "string" ? end : outcomeOfAnswer(end, isRegistered));
        const name = registered ?? unknownName(operation);
        const who = callerOf(token, subjects);
        const fields = {
          event,
          [kind]: name,
          outcome,
          ms: Math.round((performance.now() - started) * 10) / 10,
          ...who,
          ...(note?.reference !== undefined && { reference: note.reference }),
          ...(digest !== undefined && { arguments: digest(givenTo(call)) }),
        };
        // What leaves the machine names nothing that its sender made up.
        record?.(position, outcome, { ...(registered !== undefined && { [kind]: registered }), ...who });
        logger.info(fields, `The ${kind} ${name}: ${outcome}`);
      }

      return {
        note(id, note) {
          const call = open.find((one) => one.id === id);
          if (call !== undefined) {
            call.note = note;
          }
        },
        answered(message) {
          const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
          const call = method === undefined ? open.find((one) => one.id === id) : undefined;
          if (call !== undefined) {
            close(call, message as AnswerMessage);
          }
        },
        end(outcome, ...only) {
          for (const call of [...open]) {
            if (only.length === 0 || only[0] === call.id) {
              close(call, outcome);
            }
          }
        },
      };
    },
  };
}

function callsIn(body: unknown): Call[] {
  const messages = Array.isArray(body) ? body.slice(0, MAX_MESSAGES) : [body];
  return messages.flatMap((message: unknown, position) => {
    const { id, method, params } = (message ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
    const kind = typeof method === "string" && Object.hasOwn(KINDS, method) ? KINDS[method] : undefined;
    // Without an id it is a notification, which calls nothing.
    return kind === undefined || id === undefined
      ? []
      : [{ position, id, ...kind, params: typeof params === "object" && params !== null ? params : {} }];
  });
}

function operationOf({ kind, params }: Call): Operation {
  const name = kind === "resource" ? params.uri : params.name;
  return { kind, name: typeof name === "string" ? name : "" };
}

function givenTo({ kind, params }: Call): string {
  const { name, uri, arguments: given = {} } = params;
  return JSON.stringify(kind === "resource" ? [kind, uri] : [kind, name, sorted(given)]);
}

/** A copy whose members are in order, so that the same arguments always have the same digest. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // A list, since an object would put members that are numbers first, and could be given another prototype.
  return entries.map(([name, member]) => [name, sorted(member)]);
}

/** A name that a client made up, or, of a resource, no more than the scheme: the rest may be arguments. */
function unknownName({ kind, name }: Operation): string {
  if (kind === "resource") {
    const [scheme] = /^[a-z][a-z0-9+.-]{0,30}:/i.exec(name) ?? [];
    return scheme === undefined ? "(no URI)" : `${scheme}…`;
  }
  const printable = name.slice(0, MAX_UNKNOWN_NAME).replace(UNPRINTABLE, "\ufffd");
  if (name.length > MAX_UNKNOWN_NAME) {
    return `${printable.slice(0, SHOWN_OF_LONG_NAME)}… (${name.length} characters)`;
  }
  return printable === "" ? "(no name)" : printable;
}

interface CallerFields {
  readonly client?: string;
  readonly login?: string;
  readonly organization?: string;
  readonly subject?: string;
}

/** What lines say of a caller. */
export function callerOf(token: AccessToken | undefined, subjects: boolean): CallerFields {
  if (token === undefined) {
    return {};
  }
  const { clientId, login, organization, subject } = token;
  return {
    ...identity("client", clientId),
    ...identity("login", login),
    ...identity("organization", organization),
    ...(subjects ? identity("subject", subject) : {}),
  };
}

/** A verifier of the user's own may give anything. */
function identity(field: keyof CallerFields, value: unknown): CallerFields {
  return typeof value === "string" && value !== ""
    ? { [field]: value.slice(0, MAX_IDENTITY).replace(UNPRINTABLE, "\ufffd") }
    : {};
}
