import { ToolError } from "mcp-env-auth";
import { countryCodeOf, stateOf } from "./area-names.ts";

/** A populated place on Earth. */
export interface Place {
  readonly name: string;
  /** A state, province or the like. */
  readonly region: string | undefined;
  readonly country: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string | undefined;
  /** Degrees. */
  readonly latitude: number;
  /** Degrees. */
  readonly longitude: number;
  /** 0 where unknown. */
  readonly population: number;
}

/** A place that is this many times larger than the next of the same name is the one that people mean. */
const DOMINANCE = 5;

/** As many as a person wants to choose from. */
const MAX_CANDIDATES = 8;

/** A place in words that {@link choosePlace} understands, such as `Springfield, Illinois, United States`. */
export function describePlace({ name, region, country }: Place): string {
  const parts = [name, region === name ? undefined : region, country];
  return parts.filter((part) => part !== undefined).join(", ");
}

/**
 * The place that `query` means: a name, and after commas the region or country (by name or code) that narrows it down.
 *
 * @throws ToolError that lists what there is, when that is no single place.
 */
export function choosePlace(query: string, found: readonly Place[]): Place {
  const [name = "", ...rest] = query.split(",").map(fold);
  const qualifiers = rest.filter((qualifier) => qualifier !== "");
  const sameName = found.filter((place) => fold(place.name) === name);
  const named = sameName.length > 0 ? sameName : found;
  const candidates = unique(named.filter((place) => qualifiers.every((qualifier) => liesIn(place, qualifier))));
  const [first, second] = candidates;
  if (first === undefined) {
    if (named.length === 0) {
      throw new ToolError(`No place found for "${query}". Check the spelling.`);
    }
    throw new ToolError(`"${query}" is not known. There is ${list(unique(named))}.`);
  }
  if (second === undefined || first.population > DOMINANCE * second.population) {
    return first;
  }
  throw new ToolError(`"${query}" could be ${list(candidates)}. Ask again with the region or country.`);
}

/** Largest first, one for each description. */
function unique(places: readonly Place[]): Place[] {
  const described = new Map<string, Place>();
  for (const place of places.toSorted((a, b) => b.population - a.population)) {
    const description = describePlace(place);
    if (!described.has(description)) {
      described.set(description, place);
    }
  }
  return [...described.values()];
}

function list(places: readonly Place[]): string {
  return places.slice(0, MAX_CANDIDATES).map(describePlace).join("; ");
}

function liesIn({ region, country, countryCode }: Place, qualifier: string): boolean {
  const areas = [region, country, countryCode].map((area) => area && fold(area));
  if (areas.includes(qualifier)) {
    return true;
  }
  const [foldedRegion, , code] = areas;
  const isCountry = code !== undefined && code === countryCodeOf(qualifier);
  return isCountry || (code === "us" && foldedRegion !== undefined && foldedRegion === stateOf(qualifier));
}

/** Without case, accents, punctuation and outer spaces: `São Paulo` is `sao paulo`. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{P}]/gu, "")
    .trim()
    .toLowerCase();
}
