import type { Variables } from "@modelcontextprotocol/server";
import { isForAnyToken } from "../../authorization/access-rule.ts";
import { Denied } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { createGuard } from "../offer/guard.ts";
import type { Offer, Ruled } from "../offer/offer.ts";
import { createResourceLookup } from "../offer/rule-lookup.ts";
import type { Audience } from "./subscription-bus.ts";

/** Who may be told that the resource `uri` has changed: who may read it. */
type Readers = (uri: URL, variables: Variables) => boolean | Promise<boolean>;

/**
 * Who may learn of which change: of a resource who may read it, asked anew for each change, and of the list of
 * resources who is shown what a template lists. What the SDK's own scope challenge protects is told to nobody, since
 * only the SDK's handler can ask it.
 */
export function createChangeAudience({ ruled, policy }: Offer, logger: Logger): Audience {
  const resources = ruled.filter(({ registration }) => registration.operation.kind.startsWith("resource"));
  const find = createResourceLookup(
    resources.map(({ registration, rule }) => ({ ...registration, rule, may: readersOf({ registration, rule }) })),
  );
  const lists = resources
    .filter(({ registration }) => registration.template?.listCallback !== undefined)
    .map(({ registration, rule }) => guardOf({ registration, rule }));

  return (event) => {
    if (event.kind === "resources_list_changed") {
      return lists.some((guard) => guard?.admits() ?? true);
    }
    // Registrations stand still, so the other lists never change.
    if (event.kind !== "resource_updated") {
      return false;
    }
    const found = find(event.uri);
    return found?.registered.may(found.uri, found.variables) ?? false;
  };

  function guardOf({ registration: { label, authorize }, rule }: Ruled) {
    return isForAnyToken(rule) && authorize === undefined
      ? undefined
      : createGuard({ label, rule, authorize, policy, logger });
  }

  function readersOf(one: Ruled): Readers {
    if (one.registration.challenges) {
      return () => false;
    }
    const guard = guardOf(one);
    if (guard === undefined) {
      return () => true;
    }
    if (one.registration.authorize === undefined) {
      return () => guard.admits();
    }
    const read = guard.protect(
      () => true,
      ([uri, variables]) => ({ uri, variables }),
    );
    return async (uri, variables) => {
      try {
        return (await read(uri, variables)) === true;
      } catch (error) {
        if (error instanceof Denied) {
          return false;
        }
        throw error;
      }
    };
  }
}
