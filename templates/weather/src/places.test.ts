import { describe, expect, it } from "vitest";
import { choosePlace, describePlace, type Place } from "./places.ts";

const place = (
  name: string,
  region: string | undefined,
  country: string,
  countryCode: string,
  population: number,
): Place => ({
  name,
  region,
  country,
  countryCode,
  latitude: 0,
  longitude: 0,
  population,
});

const springfields = [
  place("Springfield", "Illinois", "United States", "US", 116_250),
  place("Springfield", "Missouri", "United States", "US", 169_176),
  place("Springfield", "Massachusetts", "United States", "US", 155_929),
];
const cambridges = [
  place("Cambridge", "Massachusetts", "United States", "US", 118_403),
  place("Cambridge", "England", "United Kingdom", "GB", 145_700),
];
const newYorks = [
  place("New York", "New York", "United States", "US", 8_804_190),
  place("New York", "Texas", "United States", "US", 20),
];
const londons = [
  place("London", "England", "United Kingdom", "GB", 8_961_989),
  place("London", "Ontario", "Canada", "CA", 422_324),
];
const paris = [
  place("Paris", "Texas", "United States", "US", 24_171),
  place("Paris", "Île-de-France", "France", "FR", 2_138_551),
];

describe("choosePlace", () => {
  it("takes the only place found", () => {
    expect(choosePlace("springfield", springfields.slice(0, 1)).region).toBe("Illinois");
  });

  it("takes the place that is far larger than its namesakes", () => {
    expect(choosePlace("Paris", paris).country).toBe("France");
  });

  it("lists the candidates, largest first, when several places of a size share the name", () => {
    expect(() => choosePlace("Springfield", springfields)).toThrow(
      '"Springfield" could be Springfield, Missouri, United States; Springfield, Massachusetts, United States; ' +
        "Springfield, Illinois, United States. Ask again with the region or country.",
    );
  });

  it.each([
    ["Springfield, Illinois", springfields, "Illinois"],
    ["  springfield ,  ILLINOIS , us", springfields, "Illinois"],
    ["Cambridge, United Kingdom", cambridges, "England"],
    ["Cambridge, GB", cambridges, "England"],
    ["Paris, Texas", paris, "Texas"],
    ["paris, ile-de-france", paris, "Île-de-France"],
    ["London, UK", londons, "England"],
    ["London, U.K.", londons, "England"],
    ["London, Great Britain", londons, "England"],
    ["New York, USA", newYorks, "New York"],
    ["New York, United States of America", newYorks, "New York"],
    ["New York, NY", newYorks, "New York"],
    ["Springfield, IL, USA", springfields, "Illinois"],
    ["Paris, TX", paris, "Texas"],
    ["Paris,", paris, "Île-de-France"],
    ["Paris, , France", paris, "Île-de-France"],
  ])("takes %s by its region, country or country code, as people write them", (query, found, region) => {
    expect(choosePlace(query, found).region).toBe(region);
  });

  it("understands its own descriptions", () => {
    for (const each of springfields) {
      expect(choosePlace(describePlace(each), springfields)).toBe(each);
    }
  });

  it("says what there is instead when the region does not fit", () => {
    expect(() => choosePlace("Paris, Spain", paris)).toThrow(
      '"Paris, Spain" is not known. There is Paris, Île-de-France, France; Paris, Texas, United States.',
    );
  });

  it("does not say that nothing was found and then name the only place there is", () => {
    expect(() => choosePlace("Paris, Spain", paris.slice(1))).toThrow(
      /^"Paris, Spain" is not known\. There is Paris, Île-de-France, France\.$/,
    );
  });

  it("takes a code for a state of the United States only there", () => {
    const toronto = place("London", "Ontario", "Canada", "CA", 1);
    expect(choosePlace("London, CA", [toronto])).toBe(toronto);
    expect(() => choosePlace("Georgetown, GA", [place("Georgetown", "Georgia", "Elsewhere", "XX", 1)])).toThrow();
  });

  it("asks to check the spelling when nothing was found at all", () => {
    expect(() => choosePlace("Atlantis", [])).toThrow('No place found for "Atlantis". Check the spelling.');
  });

  it("prefers the exact name over longer ones", () => {
    const bern = place("Bern", "Bern", "Switzerland", "CH", 121_631);
    expect(choosePlace("bern", [place("Bernau", "Brandenburg", "Germany", "DE", 900_000), bern])).toBe(bern);
  });

  it("does not ask to choose between places that read the same", () => {
    const [larger, smaller] = [5, 4].map((population) => place("Aldea", "Galicia", "Spain", "ES", population));
    expect(choosePlace("Aldea", [smaller as Place, larger as Place])).toBe(larger);
  });
});

describe("describePlace", () => {
  it("leaves out what is unknown or says nothing new", () => {
    expect(describePlace(place("Singapore", undefined, "Singapore", "SG", 1))).toBe("Singapore, Singapore");
    expect(describePlace(place("Berlin", "Berlin", "Germany", "DE", 1))).toBe("Berlin, Germany");
  });
});
