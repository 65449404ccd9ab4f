import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";
import { CommandError } from "./command-error.ts";

const NOTHING = { help: false, version: false, yes: false, force: false, dryRun: false, local: false };

function refusal(...args: string[]): CommandError {
  try {
    parseArguments(args);
  } catch (error) {
    if (error instanceof CommandError) {
      return error;
    }
    throw error;
  }
  throw new Error("accepted");
}

describe("the command line", () => {
  it("may be empty", () => {
    expect(parseArguments([])).toEqual(NOTHING);
  });

  it("has an option for every answer", () => {
    const line =
      "my-app --template api --provider auth0 --domain t.us.auth0.com --client-id abc --client-secret-file ./secret --audience https://api --scopes a,b " +
      "--base-url http://localhost:9000 --yes --no-install --no-git --package-manager pnpm --deploy fly --force --dry-run";
    expect(parseArguments(line.split(" "))).toEqual({
      ...NOTHING,
      template: "api",
      project: "my-app",
      provider: "auth0",
      domain: "t.us.auth0.com",
      clientId: "abc",
      clientSecretFile: "./secret",
      audience: "https://api",
      scopes: "a,b",
      baseUrl: "http://localhost:9000",
      yes: true,
      install: false,
      git: false,
      packageManager: "pnpm",
      deploy: "fly",
      force: true,
      dryRun: true,
    });
  });

  it("takes values after an equals sign, options before the folder, and - for standard input", () => {
    expect(parseArguments(["--domain=123", "--client-secret-file", "-", "-y", "app"])).toEqual({
      ...NOTHING,
      domain: "123",
      clientSecretFile: "-",
      yes: true,
      project: "app",
    });
  });

  it("takes what follows -- as the folder", () => {
    expect(parseArguments(["--", "--client-secret"]).project).toBe("--client-secret");
  });

  it.each([
    [["--nope"], "no option --nope"],
    [["--domian", "x"], "did you mean --domain?"],
    [["--skip-install"], "did you mean --no-install?"],
    [["--no-interactive"], "did you mean --yes?"],
    [["--use-pnpm"], "did you mean --package-manager pnpm?"],
    [["-x"], "no option -x"],
    [["a", "b"], "one folder, not 2 (a, b)"],
    [["--domain"], "argument missing"],
    [["--domain", "--yes"], "ambiguous"],
    [["--yes=true"], "does not take an argument"],
    [["--local", "--domain", "x"], "--domain is for a tenant"],
    [["--local", "--client-secret-file", "x"], "--client-secret-file is for a tenant"],
    [["--local", "--provider", "google"], "--provider is for a tenant"],
    [["--template", "wether"], '--template is one of weather, minimal, api, not "wether".'],
    [["--template", "constructor"], "--template is one of"],
    [["--package-manager", "cargo"], "one of npm, pnpm, yarn, bun"],
    [["--install", "--no-install"], "exclude each other"],
    [["--git", "--no-git"], "exclude each other"],
  ])("%j is refused with a sentence and exit code 2", (args, words) => {
    const error = refusal(...args);
    expect(error.message).toContain(words);
    expect(error.exitCode).toBe(2);
  });

  it.each([["--client-secret", "s3cret"], ["--client-secret=s3cret"]])("takes no secret: %s", (...args) => {
    const error = refusal("app", ...args);
    expect(error.message).toContain("--client-secret-file");
    expect(error.message).not.toContain("s3cret");
  });
});
