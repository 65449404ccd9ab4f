// A file of its own: types of the public interface import it, and nothing else with it.

/** The current time in seconds since the Unix epoch. Injected so that tests move time instead of waiting. */
export type Clock = () => number;

/** The machine's own clock. */
export const systemClock: Clock = () => Date.now() / 1000;
