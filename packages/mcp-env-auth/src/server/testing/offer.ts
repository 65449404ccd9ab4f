import { silentLogger } from "../../logger.ts";
import { createOffer, type Offer, type OfferOptions } from "../offer.ts";
import type { Registrations } from "../registrations.ts";

/** What is registered, ready to be served. */
export function offerOf(
  registrations: Registrations,
  options: Partial<Omit<OfferOptions, "registrations">> = {},
): Offer {
  return createOffer({
    registrations: registrations.close(),
    ruleOf: ({ rule }) => rule,
    hierarchy: {},
    info: { name: "test", version: "1" },
    options: {},
    logger: silentLogger,
    ...options,
  });
}
