import { describe, expect, it } from "vitest";
import { builtInProviders } from "../configuration/built-in-providers.ts";
import { variableName } from "../env/field.ts";

/** Every setting of every provider that is an address. */
const ADDRESSES = builtInProviders.flatMap(({ declaration: { prefix, fields } }) =>
  Object.entries(fields)
    .filter(([, field]) => field.expected.startsWith("an http"))
    .map(([name, field]) => [variableName(prefix, name), name, field] as const),
);

/** Those that paths are appended to. The others are whole, with a query where a provider has one. */
const BASES: ReadonlySet<string> = new Set([
  "authUrl",
  "authkitDomain",
  "baseAuthority",
  "baseUrl",
  "customDomain",
  "descopeBaseUrl",
  "domain",
  "environmentUrl",
  "issuerUrl",
  "projectUrl",
  "realmUrl",
  "resourceBaseUrl",
]);

describe("Security: an address that tokens, keys or users are sent to", () => {
  it("is what every one of these variables holds", () => {
    expect(ADDRESSES.length).toBeGreaterThan(50);
    expect(new Set(ADDRESSES.map(([, name]) => name).filter((name) => BASES.has(name)))).toEqual(BASES);
  });

  it.each(ADDRESSES)("%s is https, or http on this machine", (_variable, _name, field) => {
    expect(() => field.parse("http://idp.example.com/x")).toThrow("use https");
    expect(field.parse("https://idp.example.com/x").href).toBe("https://idp.example.com/x");
    expect(field.parse("http://127.0.0.1:8000/x").href).toBe("http://127.0.0.1:8000/x");
  });

  it.each(ADDRESSES)(
    "%s holds no credentials and no fragment, and a query only where it is whole",
    (_, name, field) => {
      expect(() => field.parse("https://user:pass@idp.example.com/")).toThrow("user name or password");
      expect(() => field.parse("https://idp.example.com/#x")).toThrow("fragment");
      const query = () => field.parse("https://idp.example.com/x?a=b");
      if (BASES.has(name)) {
        expect(query).toThrow("query");
      } else {
        expect(query).not.toThrow();
      }
    },
  );
});
