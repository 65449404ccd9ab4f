import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { recordedClients } from "../packages/mcp-env-auth/src/cli/doctor/replay/recorded-clients.ts";
import { createRedirectPolicy, isStillAllowed } from "../packages/mcp-env-auth/src/proxy/clients/redirect-policy.ts";
import { PAGE, readRecords, updatePage } from "../scripts/client-table.mjs";
import { STEPS } from "./machine/clients/support/table.ts";

// What to do when one of these fails: node scripts/client-table.mjs
describe("docs/clients/README.md", () => {
  const page = readFileSync(PAGE, "utf8");

  it("shows what the tests with real clients are held to", () => {
    expect(readRecords().length).toBeGreaterThan(0);
    expect(updatePage(page, readRecords())).toBe(page);
  });

  it.each(STEPS)("says what is done: %s", (step) => {
    expect(page).toContain(`\n| ${step} |`);
  });
});

describe("docs/clients", () => {
  // The Inspector is a tool of developers; tests/machine/clients/inspector.test.ts runs its command line.
  const notRun = recordedClients.filter(({ name, source }) => source.kind === "recorded" && name !== "inspector");

  it.each(notRun)("calls $title recorded, not run", ({ name, title, source }) => {
    const page = readFileSync(PAGE, "utf8");
    const [, file = ""] = new RegExp(`\\| \\[${title}\\]\\((.*)\\) \\| \`${name}\` \\|`).exec(page) ?? [];
    expect(file).not.toBe("");
    expect(page).toContain(`| \`${name}\` | ${"date" in source ? source.date : ""} |`);
    expect(readFileSync(new URL(`../docs/clients/${file}`, import.meta.url), "utf8")).toContain("Recorded, not run.");
  });

  it.each(notRun)("lists the redirect URIs that $title registers", ({ name, registration }) => {
    const [, file = ""] = new RegExp(`\\((.*)\\) \\| \`${name}\` \\|`).exec(readFileSync(PAGE, "utf8")) ?? [];
    const text = readFileSync(new URL(`../docs/clients/${file}`, import.meta.url), "utf8");
    const [, needed = ""] = /_ALLOWED_CLIENT_REDIRECT_URIS` is set, it needs (.*)/.exec(text) ?? [];
    const policy = createRedirectPolicy(needed.match(/(?<=`)[a-z]+:[^`]+(?=`)/g) ?? []);
    const { redirect_uris: uris = [] } = registration.request as { readonly redirect_uris?: readonly string[] };
    expect(uris.filter((uri) => !isStillAllowed(policy, uri))).toEqual([]);
  });
});

describe.each(readRecords())("the record of $client", ({ cells, page }) => {
  it("has a cell for each step", () => {
    expect(Object.keys(cells)).toEqual(STEPS);
  });

  it("names a page that is there", () => {
    expect(existsSync(new URL(`../docs/clients/${page}`, import.meta.url))).toBe(true);
  });
});
