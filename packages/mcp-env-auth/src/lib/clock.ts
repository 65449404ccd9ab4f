// A file of its own: every layer imports it, the lazy ones included.

/**
 * The current time in seconds since the Unix epoch, with fractions. Injected so that tests move time instead of
 * waiting.
 */
export type Clock = () => number;

/** The machine's own clock. */
export const systemClock: Clock = () => Date.now() / 1000;

/** Seconds that the clock of another party may differ from ours: of a provider, an issuer, or a client that signs. */
export const CLOCK_TOLERANCE = 60;

/**
 * Seconds by which the clocks of two replicas may differ. What counts once is remembered that much longer: one replica
 * may still accept it when it has expired for another.
 */
export const REPLICA_SKEW = 60;

/** One day in seconds. */
export const DAY = 86_400;
