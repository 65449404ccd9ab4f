import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readSettings } from "./settings.ts";

function envFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "test.env");
  writeFileSync(file, content);
  return file;
}

it("variables of the process win over the env file's", () => {
  const FASTMCP_ENV_FILE = envFile("WEATHER_API_URL=http://file.test\nFASTMCP_STORAGE_URL=redis://file.test\n");
  expect(readSettings({ FASTMCP_ENV_FILE, WEATHER_API_URL: "http://process.test" })).toEqual({
    WEATHER_API_URL: "http://process.test",
    FASTMCP_STORAGE_URL: "redis://file.test",
  });
});

it("all are optional, and so is the file", () => {
  expect(readSettings({ FASTMCP_ENV_FILE: "" })).toEqual({});
  expect(readSettings({ FASTMCP_ENV_FILE: "/no/such/file" })).toEqual({});
});

it("every URL that can't be right is named", () => {
  const env = { FASTMCP_ENV_FILE: "", WEATHER_API_URL: "ftp://weather.test", GEOCODING_API_URL: "geocoding" };
  expect(() => readSettings(env)).toThrow(
    "GEOCODING_API_URL must be an http or https URL\nWEATHER_API_URL must be an http or https URL",
  );
});
