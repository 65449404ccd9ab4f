import { CLOCK_TOLERANCE, type Clock } from "../../lib/clock.ts";
import { failure, type Observation, ok, unknown, warning } from "./finding.ts";
import { requestAnswer } from "./http-answer.ts";

/** Compares this machine's clock with the `Date` of the provider's answer (RFC 9110 section 6.6.1). */
export async function checkClock(url: string, clock: Clock): Promise<Observation> {
  const before = clock();
  const answer = await requestAnswer(url);
  const after = clock();
  const date = answer.answered ? Date.parse(answer.headers.get("date") ?? "") / 1000 : Number.NaN;
  if (Number.isNaN(date)) {
    return unknown("The provider does not say what time it is, so the clocks could not be compared.");
  }
  // The header is cut to whole seconds, at some time between the two readings.
  const skew = Math.round((before + after) / 2 - (date + 0.5));
  const size = Math.abs(skew);
  if (size <= 5) {
    return ok("This machine's clock and the provider's agree.");
  }
  const message = `This machine's clock is ${size} s ${skew > 0 ? "ahead of" : "behind"} the provider's.`;
  const fix = "Synchronise the clock of this machine (NTP).";
  if (size > CLOCK_TOLERANCE) {
    return failure(`${message} Tokens may be off by ${CLOCK_TOLERANCE} s at most, and are refused.`, fix);
  }
  return size > CLOCK_TOLERANCE / 2 ? warning(message, fix) : ok(message);
}
