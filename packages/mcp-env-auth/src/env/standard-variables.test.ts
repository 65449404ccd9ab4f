import { describe, expect, it } from "vitest";
import { standardOrigins, standardSecrets } from "./standard-variables.ts";
import { environmentOf } from "./testing/environment-of.ts";
import { describeOrigin } from "./variable-origin.ts";

const environment = environmentOf({
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:p%40ss@otel.example.com/v1?x=1",
  otel_exporter_otlp_headers: "x-api-key=abc, Authorization=Bearer%20the-bearer",
});

describe("variables that are not ours", () => {
  it("are shown where they are set, in any case, without their secrets", () => {
    expect(standardOrigins(environment).map(describeOrigin)).toEqual([
      "OTEL_EXPORTER_OTLP_ENDPOINT=https://user:[redacted]@otel.example.com/v1?x=1 (process environment)",
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_HEADERS="x-api-key=\[redacted\], Authorization=.*redacted/),
    ]);
  });

  it("Security rule 11: have secrets that are known in every spelling", () => {
    const secrets = standardSecrets(environment);
    expect(secrets).toEqual(expect.arrayContaining(["p%40ss", "p@ss", "abc", "the-bearer"]));
    const shown = standardOrigins(environment)
      .map(({ value }) => value)
      .join();
    for (const secret of secrets) {
      expect(shown).not.toContain(secret);
    }
  });

  it.each(["http://user:50%off@proxy.test", "http://user:50%off@proxy host", "http://user:50%off@@proxy.test:port"])(
    "Security rule 11: show no password of %s, though it is no good URL",
    (value) => {
      const wrong = environmentOf({ HTTPS_PROXY: value });
      expect(standardSecrets(wrong).some((secret) => secret.startsWith("50%off"))).toBe(true);
      expect(standardOrigins(wrong).map(describeOrigin).join()).not.toContain("50%off");
    },
  );
});
