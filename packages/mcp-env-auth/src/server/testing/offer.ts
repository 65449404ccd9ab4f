// A file of its own: tests of several folders share it.
import { silentLogger } from "../../logger.ts";
import { createOffer, type Offer, type OfferOptions } from "../offer/offer.ts";
import type { Registrations } from "../offer/registrations.ts";
import { type BuildRequestServer, createRequestServers, type RequestServersOptions } from "../offer/request-servers.ts";

/** What is registered, ready to be served. */
export function offerOf(
  registrations: Registrations,
  options: Partial<Omit<OfferOptions, "registrations"> & RequestServersOptions> = {},
): Offer & { readonly build: BuildRequestServer } {
  const { info = { name: "test", version: "1" }, options: sdkOptions = {}, logger = silentLogger } = options;
  const offer = createOffer({
    needsTokens: true,
    registrations: registrations.close(),
    ruleOf: ({ rule }) => rule,
    hierarchy: {},
    ...options,
  });
  return { ...offer, build: createRequestServers(offer, { info, options: sdkOptions, logger }) };
}
