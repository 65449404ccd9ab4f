import { currentAccessToken } from "../../access-token.ts";
import type { AccessPolicy } from "../../authorization/access-policy.ts";
import type { AccessRule } from "../../authorization/access-rule.ts";
import type { Standing } from "../../authorization/standing.ts";
import { Denied } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { runHandler } from "../../running-handler.ts";
import { maskError } from "../../sdk/error-masking.ts";
import type { Authorize } from "./access-requirements.ts";

export type Handler = (...args: unknown[]) => unknown;

export interface GuardOptions {
  /** The beginning of a sentence about what is guarded. */
  readonly label: string;
  readonly rule: AccessRule;
  readonly authorize: Authorize<never> | undefined;
  readonly policy: AccessPolicy;
  readonly logger: Logger;
}

/**
 * What stands before the handlers of one registration. The policy has judged the request already, by its own reading of
 * what will run. What does run asks again under its own rule, so that no difference between the two readings lets
 * anybody through.
 */
export interface Guard {
  /** Whether the caller of the current request may use it, as far as the rule goes. */
  admits(): boolean;
  /** `handler` behind the rule and `authorize`, which gets what `argumentsOf` makes of the handler's arguments. */
  protect(handler: Handler, argumentsOf: (args: unknown[]) => unknown): Handler;
}

export function createGuard({ label, rule, authorize, policy, logger }: GuardOptions): Guard {
  return {
    admits: () => standing().kind === "allowed",
    protect(handler, argumentsOf) {
      if (authorize === undefined) {
        return (...args) => {
          check();
          return handler(...args);
        };
      }
      return async (...args) => {
        check();
        await ask(argumentsOf(args));
        return handler(...args);
      };
    },
  };

  function standing(): Standing {
    const token = currentAccessToken();
    return token === undefined ? NOBODY : policy.standing(rule, token);
  }

  function check(): void {
    const found = standing();
    switch (found.kind) {
      case "allowed":
        return;
      case "scopes":
        throw new Denied(`This needs the scope ${found.missing.join(" ")}.`);
      case "withheld":
        throw new Denied(`This needs the scope ${found.scopes.join(" ")}.`);
      case "forbidden":
        throw new Denied(`This needs ${found.lacking}.`);
    }
  }

  async function ask(args: unknown): Promise<void> {
    let answer: unknown;
    try {
      const token = currentAccessToken();
      if (token === undefined) {
        throw new Error("There is no access token to decide by.");
      }
      answer = await runHandler(label, () => (authorize as Authorize<unknown>)(token, args));
    } catch (error) {
      throw new Denied(maskError(error, `${label}: authorize`, logger));
    }
    if (answer === true) {
      return;
    }
    if (typeof answer === "string" && answer.trim() !== "") {
      throw new Denied(answer);
    }
    if (answer !== false) {
      logger.warn({}, `${label}: authorize gave neither true, false nor a text, which denies the call`);
    }
    throw new Denied(`${label} is not for this user with these arguments.`);
  }
}

/** Of what is public: it lets everybody through, and has nobody asked who has not signed in. */
export function createPublicGuard(label: string): Guard {
  return {
    admits: () => true,
    protect(handler) {
      return async (...args) => {
        const answer: unknown = await handler(...args);
        if (currentAccessToken() === undefined && isQuestion(answer)) {
          throw new Denied(`${label} has a question, and only a user who has signed in can be asked. Sign in first.`);
        }
        return answer;
      };
    },
  };
}

function isQuestion(answer: unknown): boolean {
  return (answer as { readonly resultType?: unknown } | null | undefined)?.resultType === "input_required";
}

const NOBODY: Standing = { kind: "forbidden", lacking: "an access token" };
